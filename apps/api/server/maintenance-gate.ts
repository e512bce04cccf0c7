import { type IncomingMessage, type ServerResponse } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';

import { type Config } from '#libs/config/config.js';
import { type Clock } from '#libs/kernel/clock.js';
import { answerInMaintenance, type MaintenanceRequest } from '#libs/maintenance/answer-in-maintenance.js';
import { type BypassKeys, type Pass } from '#libs/maintenance/bypass-keys.js';
import { type MaintenanceWatch } from '#libs/maintenance/maintenance-watch.js';
import { type Maintenance } from '#libs/maintenance/maintenance.js';

import { maintenanceAnswer, send, type Answer } from '../problems/refusals.js';

const WORD_HEADER = 'x-parceler-bypass';
const PASS_COOKIE = 'parceler_bypass';
/** OpenWrt's client sends the credentials of an address on to whatever host it is redirected to. */
const CARELESS = 'uclient-fetch';

/** Answers every request while there is a maintenance, but for those who may go on as if there was none (trust T-143). */
export class MaintenanceGate {
  private readonly proxies: BlockList;
  private answer: { readonly to: Maintenance; readonly bytes: Answer } | undefined;

  constructor(
    private readonly watch: Pick<MaintenanceWatch, 'current'>,
    private readonly keys: BypassKeys,
    private readonly clock: Clock,
    { trustedProxies }: Config['http'],
  ) {
    this.proxies = blockList(trustedProxies);
  }

  /** True when the request has its answer. */
  stops(request: IncomingMessage, response: ServerResponse): boolean {
    const maintenance = this.watch.current;
    if (maintenance === undefined) return false;
    const reply = answerInMaintenance(maintenance, asked(request), this.keys, this.clock.now());
    switch (reply.kind) {
      case 'admitted':
        return false;
      case 'let-in':
        redirect(response, '/', ['Set-Cookie', this.cookie(reply.pass, request), 'Referrer-Policy', 'no-referrer']);
        return true;
      case 'redirected':
        redirect(response, reply.location);
        return true;
      case 'refused':
        send(response, this.answerTo(maintenance));
        return true;
    }
  }

  /** Bytes that are made once for all who get them. */
  private answerTo(maintenance: Maintenance): Answer {
    if (this.answer?.to !== maintenance) this.answer = { to: maintenance, bytes: maintenanceAnswer(maintenance) };
    return this.answer.bytes;
  }

  private cookie({ value, maxAgeSeconds }: Pass, request: IncomingMessage): string {
    const secure = this.cameByHttps(request) ? '; Secure' : '';
    return `${PASS_COOKIE}=${value}; Path=/; Max-Age=${String(maxAgeSeconds)}; HttpOnly; SameSite=Strict${secure}`;
  }

  /** We speak plain HTTP; whether a client's way to us began with TLS a proxy knows. */
  private cameByHttps({ socket: { remoteAddress = '' }, headers }: IncomingMessage): boolean {
    const said = headers['x-forwarded-proto'];
    const isHttps = typeof said === 'string' && said.split(',').at(-1)?.trim().toLowerCase() === 'https';
    return isHttps && this.proxies.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');
  }
}

function asked({ method = '', url = '', headers }: IncomingMessage): MaintenanceRequest {
  const { authorization, host, 'user-agent': agent = '', cookie } = headers;
  const word = headers[WORD_HEADER];
  return {
    method,
    target: url,
    host,
    hasCredentials: authorization !== undefined || agent.startsWith(CARELESS),
    word: typeof word === 'string' ? word : undefined,
    pass: cookie === undefined ? undefined : passIn(cookie),
  };
}

function passIn(cookies: string): string | undefined {
  const name = `${PASS_COOKIE}=`;
  return cookies
    .split(/; ?/)
    .find((pair) => pair.startsWith(name))
    ?.slice(name.length);
}

function redirect(response: ServerResponse, location: string, more: readonly string[] = []): void {
  response.writeHead(302, ['Location', location, 'Cache-Control', 'no-store', 'Content-Length', '0', ...more]).end();
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/', 2);
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
