const { password, signUp } = document.body.dataset;

/** What this instance offers to those who are not signed in, as its pages say. */
export const offer = {
  password: password === "true",
  /** `open`, `invite` or `closed`. */
  signUp,
};
