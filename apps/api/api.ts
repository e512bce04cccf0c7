import { type Server } from 'node:http';

import { type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import passport from 'passport';

import { partOf } from '#libs/composition/part-of.js';
import { type Config } from '#libs/config/config.js';
import { SECOND } from '#libs/kernel/duration.js';
import { AppError } from '#libs/kernel/errors.js';
import { systemCode } from '#libs/kernel/system-code.js';
import { MaintenanceWatch } from '#libs/maintenance/maintenance-watch.js';
import { LOG, type Log } from '#libs/observability/log.js';
import { METRICS } from '#libs/observability/metrics.js';
import { SampledLog } from '#libs/observability/sampled-log.js';
import { DATABASE } from '#libs/persistence/database.js';
import { DISK } from '#libs/storage/disk.js';
import { logUnlessOurs } from '#libs/storage/disk-marker.js';

import { AccessLog } from './server/access-log.js';
import { BasicStrategy } from './credentials/basic.strategy.js';
import { BearerStrategy } from './credentials/bearer.strategy.js';
import { atTheFrontDoor } from './server/front-door.js';
import { MaintenanceGate } from './server/maintenance-gate.js';
import { HttpErrorsFilter } from './problems/http-errors.filter.js';
import { httpServer, ignoreBodies, type FirstLook } from './server/http-server.js';
import { Readiness } from './health/readiness.js';
import { Refusals } from './problems/refusals.js';

/** Downloads under way may take that long once it is time to end. */
const DRAIN_TIME = 30 * SECOND;

/** The api as a running server. */
export class Api {
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly app: NestFastifyApplication,
    readonly log: Log,
  ) {}

  /** @throws AppError `LISTEN_FAILED`, and whatever keeps the parts from starting */
  static async start(module: DynamicModule, config: Config): Promise<Api> {
    passport.use(new BasicStrategy());
    let firstLook: FirstLook = closed; // it needs the parts, which need a server first
    const server = httpServer(config.http, (request, response) => firstLook(request, response));
    const app = await NestFactory.create<NestFastifyApplication>(module, server, {
      logger: false,
      abortOnError: false,
      bodyParser: false,
    });
    ignoreBodies(server);
    const log = partOf(app, LOG);
    const accessLog = new AccessLog(log, app.get(SampledLog), partOf(app, METRICS));
    const { milestoneToken } = config.http;
    if (milestoneToken !== undefined) passport.use(new BearerStrategy(milestoneToken));
    const frontDoor = {
      refusals: app.get(Refusals),
      maintenance: app.get(MaintenanceGate),
      hasMilestones: milestoneToken !== undefined,
    };
    firstLook = (request, response) => {
      const answered = atTheFrontDoor(frontDoor, request, response);
      if (answered) accessLog.count(response.statusCode);
      return answered;
    };
    server.getInstance().addHook('onResponse', (request, reply, done) => {
      accessLog.onResponse(request, reply);
      done();
    });
    app.useGlobalFilters(app.get(HttpErrorsFilter));
    await logUnlessOurs(app.get(DISK, { strict: false }), log);
    await partOf(app, MaintenanceWatch).start();
    await listen(app, config.http);
    return new Api(app, log);
  }

  get server(): Server {
    return this.app.getHttpServer();
  }

  readonly isOutdated = (): boolean => partOf(this.app, DATABASE).isReplaced();

  /** Takes nothing new, finishes what is under way, and lets go of everything. A second call waits for the first. */
  stop(drainTime = DRAIN_TIME): Promise<void> {
    this.stopped ??= this.drain(drainTime);
    return this.stopped;
  }

  private async drain(drainTime: number): Promise<void> {
    this.app.get(Readiness).drain();
    const deadline = setTimeout(() => this.server.closeAllConnections(), drainTime);
    const sweep = setInterval(() => this.server.closeIdleConnections(), SECOND / 4); // those whose download has ended
    try {
      await this.app.close();
    } finally {
      clearTimeout(deadline);
      clearInterval(sweep);
      this.app.get(SampledLog).end();
    }
  }
}

const closed = (): never => {
  throw new Error('somebody asked before the api listened');
};

async function listen(app: NestFastifyApplication, { host, port }: Config['http']): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (cause) {
    await app.close();
    const reason = REASONS[systemCode(cause)] ?? 'the system refuses';
    throw new AppError('unavailable', 'LISTEN_FAILED', `Cannot listen on ${host} port ${String(port)}: ${reason}.`, {
      hint: 'HOST and PORT say where to listen.',
      cause,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does already',
  EACCES: 'that needs more rights',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name cannot be looked up',
};
