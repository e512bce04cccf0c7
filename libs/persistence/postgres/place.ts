/** Where a server is and what the database is called, as it may be told: without user and password. */
export interface Place {
  readonly server: string;
  readonly database: string;
}

const DEFAULT_PORT = '5432';

export function placeOf(url: string): Place {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? (hostname || 'localhost');
  const isSocket = host.startsWith('/');
  return {
    server: isSocket ? host : `${host}:${port || searchParams.get('port') || DEFAULT_PORT}`,
    database: decodeURIComponent(pathname.slice(1)),
  };
}

export const nameOf = ({ server, database }: Place): string => `database "${database}" at ${server}`;

/** The driver's own reading of `sslmode` differs from what operators know from psql, unless it is told not to. */
export function withPlainMeaning(text: string): string {
  const url = new URL(text);
  if (url.searchParams.has('sslmode')) url.searchParams.set('uselibpqcompat', 'true');
  return url.href;
}
