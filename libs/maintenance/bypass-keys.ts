import { createHmac, timingSafeEqual } from 'node:crypto';

import { type Secret } from '#libs/config/secret.js';
import { HOUR, SECOND } from '#libs/kernel/duration.js';

import { isBypassWord, type BypassWord, type WordHash } from './bypass-word.js';
import { type Maintenance } from './maintenance.js';

/** How long somebody stays in who has shown the word once. */
const PASS_TTL = 12 * HOUR;

/** What a browser keeps so that it need not show the word again. */
export interface Pass {
  readonly value: string;
  readonly maxAgeSeconds: number;
}

/**
 * Keyed hashes (HMAC-SHA-256 with `APP_KEY`): the word is kept as one, and passes are signed with one that covers
 * episode, word and end. So a pass is no good in another maintenance, nor with another word (trust T-143).
 */
export class BypassKeys {
  constructor(private readonly appKey: Secret<Buffer>) {}

  hash(word: BypassWord): WordHash {
    return this.sign('bypass word', word) as WordHash;
  }

  isWord({ word }: Maintenance, presented: string): boolean {
    return word !== undefined && isBypassWord(presented) && isSame(this.hash(presented), word);
  }

  pass(maintenance: Maintenance, now: Date): Pass {
    const end = String(now.getTime() + PASS_TTL);
    return { value: `${end}.${this.signature(maintenance, end)}`, maxAgeSeconds: PASS_TTL / SECOND };
  }

  isPass(maintenance: Maintenance, presented: string, now: Date): boolean {
    const [end = '', signature = ''] = presented.split('.', 2);
    if (maintenance.word === undefined || !isSame(this.signature(maintenance, end), signature)) return false;
    return now.getTime() < Number(end);
  }

  private signature({ episode, word }: Maintenance, end: string): string {
    return this.sign('bypass pass', episode, word ?? '', end);
  }

  /** No field has a line end. */
  private sign(...fields: readonly string[]): string {
    return createHmac('sha256', this.appKey.reveal()).update(fields.join('\n')).digest('base64url');
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
