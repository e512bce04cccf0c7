import { followsRedirects, sendsCredentialsOn } from './follows-redirects.js';

describe('followsRedirects (T-97)', () => {
  it.each([
    'Debian APT-HTTP/1.3 (2.6.1)',
    'Debian APT-CURL/1.0 (1.8.2)',
    'curl/8.5.0',
    'Wget/1.21.3',
    'apk-tools/2.14.4',
    'libfetch/2.0',
    'Composer/2.7.1 (Linux; 6.1; PHP 8.2.7; cURL 7.88.1)',
    'pip/24.0 {"ci":null}',
    'dnf/4.14.0 (Fedora Linux 39; container; Linux.x86_64)',
    'dnf5/5.2.6',
    'libdnf (Rocky Linux 9.3; generic; Linux.x86_64)',
    'librepo/1.17.0',
  ])('is so of %s', (userAgent) => {
    expect([followsRedirects(userAgent), sendsCredentialsOn(userAgent)]).toEqual([true, false]);
  });

  it.each([
    ['uclient-fetch', true],
    ['uclient-fetch (OpenWrt)', true],
    ['Wget', false],
    ['Wget/2.1.0', false],
    ['', false],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', false],
    ['python-requests/2.31.0', false],
    ['my curl/8.5.0', false],
    ['opkg', false],
  ])('is not known of %j', (userAgent, leaks) => {
    expect([followsRedirects(userAgent), sendsCredentialsOn(userAgent)]).toEqual([false, leaks]);
  });
});
