import { composition } from '#libs/composition/thing.js'; // breaks: composition-is-for-apps arrows-of-delivery

export const seen = composition;
