import { messageOf } from '#libs/kernel/errors.js';

import { wholeContent } from '../unpack/whole-content.js';
import { type Content } from './open-index.js';
import { indexUnreadable, type IndexLimits } from './package-index.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws AppError `INDEX_UNREADABLE` */
export async function jsonDocument(file: string, content: Content, limits: IndexLimits): Promise<JsonObject> {
  const text = (await wholeContent(content(limits.bytesAtOnce))).toString('utf8');
  try {
    return objectIn(JSON.parse(text)) ?? {};
  } catch (error) {
    throw indexUnreadable(file, `is no JSON: ${messageOf(error)}`, error);
  }
}

export const objectIn = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
