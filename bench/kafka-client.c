/*
 * A Kafka client that does nothing with its records, so that a benchmark measures the broker: produces or reads as many records as it is
 * told, through librdkafka, and prints the seconds from the first request for records to the last record.
 *
 *   kafka-client produce BOOTSTRAP TOPIC RECORDS RECORD_BYTES [property=value ...]
 *   kafka-client consume BOOTSTRAP TOPIC RECORDS RECORD_BYTES [property=value ...]
 *
 * Partition 0. Producing ends when the last record is acknowledged. Exits with 1 when a record fails or nothing more comes.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_RECORDS 10000
#define SILENCE_MS 10000
#define POLL_EVERY_RECORDS 1000
#define METADATA_TIMEOUT_MS 10000

static long delivered = 0;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
  (void)client;
  (void)opaque;
  if (message->err) fail("A record was not stored", rd_kafka_err2str(message->err));
  delivered++;
}

static void produce(rd_kafka_t *client, rd_kafka_topic_t *topic, long records, size_t record_bytes) {
  char *record = malloc(record_bytes);
  memset(record, 'x', record_bytes);
  for (long n = 0; n < records;) {
    /* The record is not copied: it stays as it is until the end. */
    if (rd_kafka_produce(topic, 0, 0, record, record_bytes, NULL, 0, NULL) == 0) {
      if (++n % POLL_EVERY_RECORDS == 0) rd_kafka_poll(client, 0);
    } else if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_poll(client, 10);
    } else {
      fail("A record was not taken", rd_kafka_err2str(rd_kafka_last_error()));
    }
  }
  while (delivered < records) rd_kafka_poll(client, 100);
  free(record);
}

static void consume(rd_kafka_topic_t *topic, long records, size_t record_bytes) {
  rd_kafka_message_t **batch = malloc(sizeof(*batch) * BATCH_RECORDS);
  if (rd_kafka_consume_start(topic, 0, RD_KAFKA_OFFSET_BEGINNING) != 0)
    fail("Reading did not start", rd_kafka_err2str(rd_kafka_last_error()));
  for (long read = 0; read < records;) {
    // It waits until the batch is full: the last one must not ask for more than there is.
    long left = records - read;
    ssize_t count = rd_kafka_consume_batch(topic, 0, SILENCE_MS, batch, left < BATCH_RECORDS ? left : BATCH_RECORDS);
    if (count <= 0) fail("Nothing more comes", rd_kafka_err2str(rd_kafka_last_error()));
    for (ssize_t n = 0; n < count; n++) {
      if (batch[n]->err) fail("A record was not read", rd_kafka_err2str(batch[n]->err));
      if (batch[n]->len != record_bytes) fail("A record was not read", "it has another length");
      read++;
      rd_kafka_message_destroy(batch[n]);
    }
  }
  rd_kafka_consume_stop(topic, 0);
  free(batch);
}

/* A client that is told to read before it knows the leader asks for offsets only when a timer of half a second is up. */
static void learn_leader(rd_kafka_t *client, rd_kafka_topic_t *topic) {
  const struct rd_kafka_metadata *metadata;
  rd_kafka_resp_err_t error = rd_kafka_metadata(client, 0, topic, &metadata, METADATA_TIMEOUT_MS);
  if (error) fail("The topic is not known", rd_kafka_err2str(error));
  rd_kafka_metadata_destroy(metadata);
}

int main(int argc, char **argv) {
  if (argc < 6) fail("Usage", "kafka-client produce|consume BOOTSTRAP TOPIC RECORDS RECORD_BYTES [property=value ...]");
  int producing = strcmp(argv[1], "produce") == 0;
  char why[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", argv[2], why, sizeof(why));
  for (int n = 6; n < argc; n++) {
    char *value = strchr(argv[n], '=');
    if (value == NULL) fail(argv[n], "is not property=value");
    *value++ = '\0';
    if (rd_kafka_conf_set(conf, argv[n], value, why, sizeof(why)) != RD_KAFKA_CONF_OK) fail(argv[n], why);
  }
  if (producing) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t *client = rd_kafka_new(producing ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf, why, sizeof(why));
  if (client == NULL) fail("The client did not start", why);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(client, argv[3], NULL);
  long records = atol(argv[4]);
  size_t record_bytes = (size_t)atol(argv[5]);
  if (!producing) learn_leader(client, topic);
  double start = seconds_now();
  if (producing) produce(client, topic, records, record_bytes);
  else consume(topic, records, record_bytes);
  printf("%.6f\n", seconds_now() - start);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
  return 0;
}
