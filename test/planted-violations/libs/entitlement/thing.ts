export const entitlement = 'entitlement';
