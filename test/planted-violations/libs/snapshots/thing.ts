export const snapshots = 'snapshots';
