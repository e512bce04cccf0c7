const USUAL_PORT = 6379;

/** The address of a Redis in parts. Its clients would take a text apart with Node's `url.parse`, which Node 24 warns of. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** Which of the server's numbered databases. */
  readonly db: number;
  readonly tls?: Readonly<Record<string, never>>;
}

export const redisAddressOf = ({ hostname, port, username, password, pathname, protocol }: URL): RedisAddress => ({
  host: hostname.replace(/^\[(.*)\]$/, '$1'),
  port: port === '' ? USUAL_PORT : Number(port),
  ...(username === '' ? {} : { username: decodeURIComponent(username) }),
  ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  db: Number(pathname.slice(1)),
  ...(protocol === 'rediss:' ? { tls: {} } : {}),
});
