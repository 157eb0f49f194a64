"""What a user of kafka-python does, of any version: produce, consume, groups, times, administration. Prints what it saw as JSON."""

import json
import sys
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewPartitions, NewTopic

bootstrap, topic, group = sys.argv[1], sys.argv[2], sys.argv[2] + "-group"
COUNT = 50
POLL_MS = 10_000
# Recent: what is older than the retention goes at the next check.
FIRST_MS = int(time.time() * 1000) - 10_000
seen = {}

admin = KafkaAdminClient(bootstrap_servers=bootstrap)
admin.create_topics([NewTopic(topic, 2, 1, topic_configs={"retention.ms": "3600000"})])
seen["created"] = topic in admin.list_topics()

for acks in (1, "all"):
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks=acks, compression_type="gzip", linger_ms=5)
    sent = [
        producer.send(topic, key=b"k%d" % i, value=b"v%d" % i, headers=[("n", b"%d" % i)], partition=i % 2, timestamp_ms=FIRST_MS + i)
        for i in range(COUNT)
    ]
    offsets = [future.get(timeout=20).offset for future in sent]
    producer.close()
seen["lastOffset"] = max(offsets)


def consume(expected, **options):
    consumer = KafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", **options)
    records = []
    while len(records) < expected:
        batches = consumer.poll(timeout_ms=POLL_MS)
        if not batches:
            break
        for batch in batches.values():
            records.extend(batch)
    return consumer, records


consumer, records = consume(2 * COUNT, group_id=group, enable_auto_commit=False)
seen["consumed"] = len(records)
seen["headers"] = sorted({int(record.headers[0][1]) for record in records}) == list(range(COUNT))
consumer.commit()
seen["committed"] = sum(consumer.committed(TopicPartition(topic, p)) for p in (0, 1))
consumer.close()

producer = KafkaProducer(bootstrap_servers=bootstrap, acks=0)
producer.send(topic, value=b"later", partition=0)
producer.flush()
producer.close()
consumer, records = consume(1, group_id=group)
seen["resumed"] = [record.value.decode() for record in records]
consumer.close()

consumer = KafkaConsumer(bootstrap_servers=bootstrap)
first = TopicPartition(topic, 0)
seen["byTime"] = consumer.offsets_for_times({first: FIRST_MS + 10})[first].offset
seen["beginning"] = consumer.beginning_offsets([first])[first]
seen["end"] = consumer.end_offsets([first])[first]
consumer.close()

admin.create_partitions({topic: NewPartitions(3)})
consumer = KafkaConsumer(topic, bootstrap_servers=bootstrap)
seen["partitions"] = len(consumer.partitions_for_topic(topic))
consumer.close()
admin.delete_topics([topic])
seen["deleted"] = topic not in admin.list_topics()
admin.close()

print(json.dumps(seen))
