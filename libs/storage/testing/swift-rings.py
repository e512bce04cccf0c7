"""Writes rings of one device each, as a Swift of one machine needs them: swift-rings.py FOLDER NAME:PORT..."""

import sys

from swift.common.ring import RingBuilder

folder, *servers = sys.argv[1:]
for server in servers:
    name, port = server.split(':')
    ring = RingBuilder(part_power=4, replicas=1, min_part_hours=1)
    place = {'ip': '127.0.0.1', 'port': int(port), 'replication_ip': '127.0.0.1', 'replication_port': int(port)}
    ring.add_dev({'id': 0, 'region': 1, 'zone': 1, 'device': 'd1', 'weight': 1.0, 'meta': '', **place})
    ring.rebalance()
    ring.get_ring().save(f'{folder}/{name}.ring.gz')
