"""What a user of confluent-kafka (librdkafka) does: every compression, idempotence, shared groups, administration. Prints JSON."""

import json
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

bootstrap, topic, group = sys.argv[1], sys.argv[2], sys.argv[2] + "-group"
COUNT = 40
DEADLINE_S = 30
seen = {}

admin = AdminClient({"bootstrap.servers": bootstrap})


def done(futures):
    return [future.result() for future in futures.values()]


done(admin.create_topics([NewTopic(topic, 4, 1, config={"retention.ms": "3600000"})]))

delivered = []
for compression in ("none", "gzip", "snappy", "lz4", "zstd"):
    for acks, idempotent in ((0, False), (1, False), ("all", True)):
        producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "compression.type": compression,
                "acks": acks,
                "enable.idempotence": idempotent,
                "linger.ms": 5,
            }
        )
        for i in range(COUNT):
            producer.produce(
                topic,
                key=str(i),
                value=f"{compression}-{acks}-{i}-" + "z" * 100,
                headers={"compression": compression},
                on_delivery=lambda error, message: delivered.append(error),
            )
        producer.flush(DEADLINE_S)
seen["delivered"] = sum(error is None for error in delivered)


def member():
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500,
        }
    )
    consumer.subscribe([topic])
    return consumer


def until(condition, *consumers, sink=None):
    deadline = time.time() + DEADLINE_S
    while time.time() < deadline and not condition():
        for consumer in consumers:
            message = consumer.poll(0.1)
            if message is not None and message.error() is None and sink is not None:
                sink.append(message)
    return condition()


total = 5 * 3 * COUNT
first, records = member(), []
until(lambda: len(records) >= total, first, sink=records)
seen["consumed"] = len({record.value() for record in records})
seen["headers"] = all(dict(record.headers())["compression"].decode() == record.value().decode().split("-")[0] for record in records)
first.commit(asynchronous=False)

second = member()
seen["shared"] = until(lambda: len(first.assignment()) == 2 and len(second.assignment()) == 2, first, second)
described = done(admin.describe_consumer_groups([group]))[0]
seen["members"] = len(described.members)
first.close()
seen["tookOver"] = until(lambda: len(second.assignment()) == 4, second)
committed = second.committed([TopicPartition(topic, p) for p in range(4)])
seen["committed"] = sum(partition.offset for partition in committed)
second.close()

resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
seen["retention"] = done(admin.describe_configs([resource]))[0]["retention.ms"].value
done(admin.alter_configs([ConfigResource(ConfigResource.Type.TOPIC, topic, set_config={"retention.ms": "7200000"})]))
seen["altered"] = done(admin.describe_configs([resource]))[0]["retention.ms"].value
done(admin.create_partitions([NewPartitions(topic, 5)]))
seen["partitions"] = len(admin.list_topics(topic).topics[topic].partitions)
removed = done(admin.delete_records([TopicPartition(topic, 0, 3)]))
seen["lowWatermark"] = removed[0].low_watermark
seen["groupListed"] = group in {g.group_id for g in admin.list_consumer_groups().result().valid}
done(admin.delete_consumer_groups([group]))
done(admin.delete_topics([topic]))
seen["deleted"] = topic not in admin.list_topics().topics

print(json.dumps(seen))
