import { meantBy } from './unknown-names.js';
import { VARIABLES } from './variables.js';

describe('meantBy', () => {
  it.each([
    ['SYNC_TIMOUT', 'SYNC_TIMEOUT'],
    ['ENTERPRISE_ENDPIONT', 'ENTERPRISE_ENDPOINT'],
    ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
    ['LICENSE_GRACE', 'LICENCE_GRACE'],
    ['APPKEY', 'APP_KEY'],
    ['port', 'PORT'],
    ['PORTS', 'PORT'],
    ['PROT', 'PORT'],
    ['PARCELER_STORAGE_PATH', 'STORAGE_PATH'],
  ])('takes %s for %s', (name, meant) => {
    expect(meantBy(name, VARIABLES.keys())).toBe(meant);
  });

  // What stands in a .env of the original Parceler or of others, and in the environments of processes.
  it.each(
    'APP_NAME APP_URL APP_LOCALE APP_FALLBACK_LOCALE APP_FAKER_LOCALE APP_MAINTENANCE_DRIVER REPOSITORY_SOURCE_FOLDER DB_PORT CACHE_PREFIX SESSION_DRIVER SESSION_LIFETIME BROADCAST_CONNECTION MEMCACHED_HOST REDIS_CLIENT REDIS_PASSWORD REDIS_PORT MAIL_MAILER MAIL_PORT VITE_APP_NAME NIGHTWATCH_TOKEN LOG_DEPRECATIONS_CHANNEL BCRYPT_ROUNDS LOG_CHANNEL LOG_STACK DB_HOST DB_USERNAME DB_PASSWORD REDIS_HOST AWS_URL AWS_SESSION_TOKEN MAIL_HOST HOME PATH PWD USER SHELL LANG TERM HOSTNAME LOGNAME EDITOR COMPOSE_PROJECT_NAME http_proxy NODE_ENV RCLONE_CONFIG UPSTREAM_TOKEN'.split(
      ' ',
    ),
  )('leaves %s alone', (name) => {
    expect(meantBy(name, VARIABLES.keys())).toBeUndefined();
  });
});
