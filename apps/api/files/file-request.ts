import { type FastifyRequest } from 'fastify';

import { type Delivery } from '#libs/delivery/delivery.js';
import { type BasicCredentials } from '#libs/entitlement/basic-credentials.js';

/** A file request on its way: who asks, and then what was decided to be sent. */
export interface FileRequest extends FastifyRequest {
  readonly user: BasicCredentials;
  delivery?: Delivery;
}
