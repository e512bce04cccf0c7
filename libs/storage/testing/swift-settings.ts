import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SwiftPorts {
  readonly account: number;
  readonly container: number;
  readonly object: number;
  readonly proxy: number;
  readonly memcached: number;
}

/** The one that `tempauth` lets in; the region must be the `location` of `s3api`. */
export const SWIFT_ACCOUNT = { region: 'us-east-1', accessKeyId: 'test:tester', secretAccessKey: 'testing' };

/** The files that Swift's programs are started with. One device, nothing replicated, nothing logged. */
export function writeSwiftSettings(folder: string, ports: SwiftPorts): void {
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  write('swift.conf', [
    '[swift-hash]',
    'swift_hash_path_prefix = p',
    'swift_hash_path_suffix = s',
    '[storage-policy:0]',
    'name = one',
    'default = yes',
  ]);
  for (const name of ['account', 'container', 'object'] as const) {
    write(`${name}.conf`, [
      ...program(folder, ports[name]),
      `devices = ${join(folder, 'devices')}`,
      'mount_check = false',
      'disable_fallocate = true',
      '[pipeline:main]',
      `pipeline = ${name}-server`,
      `[app:${name}-server]`,
      `use = egg:swift#${name}`,
    ]);
  }
  write('proxy.conf', [...program(folder, ports.proxy), ...pipeline(ports.memcached)]);
}

const program = (folder: string, port: number): readonly string[] => [
  '[DEFAULT]',
  'bind_ip = 127.0.0.1',
  `bind_port = ${String(port)}`,
  'workers = 0',
  'user = root',
  `swift_dir = ${folder}`,
  'log_address = /dev/null',
  'log_level = ERROR',
];

const FILTERS: Readonly<Record<string, readonly string[]>> = {
  catch_errors: [],
  gatekeeper: [],
  cache: [],
  listing_formats: [],
  bulk: [],
  s3api: [
    `location = ${SWIFT_ACCOUNT.region}`,
    's3_acl = false',
    'dns_compliant_bucket_names = true',
    'max_bucket_listing = 1000',
    'check_bucket_owner = false',
    'allow_multipart_uploads = true',
    'min_segment_size = 5242880',
  ],
  tempauth: ['user_test_tester = testing .admin'],
  copy: [],
  slo: [],
  versioned_writes: ['allow_versioned_writes = true', 'allow_object_versioning = true'],
  symlink: [],
};

function pipeline(memcached: number): readonly string[] {
  const filters = Object.entries(FILTERS).flatMap(([name, settings]) => [
    `[filter:${name}]`,
    `use = egg:swift#${name === 'cache' ? 'memcache' : name}`,
    ...(name === 'cache' ? [`memcache_servers = 127.0.0.1:${String(memcached)}`] : settings),
  ]);
  return [
    '[pipeline:main]',
    `pipeline = ${Object.keys(FILTERS).join(' ')} proxy-server`,
    ...filters,
    '[app:proxy-server]',
    'use = egg:swift#proxy',
    'account_autocreate = true',
    'allow_account_management = true',
  ];
}
