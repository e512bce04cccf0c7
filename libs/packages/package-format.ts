/** Whose packages, and whose rules for versions: `deb` is apt's and opkg's. */
export type PackageFormat = 'apk' | 'composer' | 'deb' | 'pypi' | 'rpm';
