/**
 * Clients that follow a redirect to another host, and keep their credentials from it. An appliance's secret must not
 * arrive at the S3 server, which besides refuses a request that has both a signature and credentials (trust T-97, I-20).
 */
const FOLLOW: readonly RegExp[] = [
  /^Debian APT-(?:HTTP|CURL)\//,
  /^(?:curl|apk-tools|libfetch|Composer|pip)\//,
  /^Wget\/1\./, // BusyBox says "Wget" alone
  /^(?:dnf5?|libdnf5?|librepo)[ /]/,
];

/** OpenWrt's, under its opkg and apk: it sends them on. */
const SENDS_CREDENTIALS_ON = /uclient/i;

/** Whether it is known of a client, by its `User-Agent`, that it may be sent to another host. */
export const followsRedirects = (userAgent: string): boolean => FOLLOW.some((known) => known.test(userAgent));

/** Whether it is known of a client that it must never be sent to another host. */
export const sendsCredentialsOn = (userAgent: string): boolean => SENDS_CREDENTIALS_ON.test(userAgent);
