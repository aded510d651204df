/** See policy.mjs. */
export declare const POLICY: string;
