/** What files may hold, and formats are broken by. */

/** Control characters, ends of CDATA, markup, and commands of GitHub Actions. */
export const HOSTILE =
  '\u0000\u0001\u001b[31m ]]> <!-- --> <script>alert("x")</script> &amp; \'"` ``` | a \\| b\r\n::error::injected %0A%0D ##[error] @octocat [link](1) {0} \uFFFE\uD800 end';
