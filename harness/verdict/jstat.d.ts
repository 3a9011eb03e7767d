/** The part of jstat that is used here; it has no types of its own. */
declare module 'jstat' {
  const jstat: {
    readonly jStat: {
      readonly beta: {
        /** The quantile function of the beta distribution. */
        inv(probability: number, alpha: number, beta: number): number;
      };
    };
  };
  export default jstat;
}
