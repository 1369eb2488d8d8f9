package io.handfast.proxy.config;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;

/**
 * {@code envoy.type.matcher.v3.RegexMatchAndSubstitute}: every match in a text is replaced.
 * Immutable; RE2, so in linear time.
 *
 * @param pattern what is looked for
 * @param substitution what it becomes: {@code \0} stands for the whole match, {@code \1} to {@code
 *     \9} for its groups, {@code \\} for a backslash
 */
public record RegexRewrite(Pattern pattern, String substitution) {

  public RegexRewrite {
    for (int at = substitution.indexOf('\\'); at >= 0; at = substitution.indexOf('\\', at + 2)) {
      char next = at + 1 < substitution.length() ? substitution.charAt(at + 1) : ' ';
      if (next != '\\' && (next < '0' || next > '9' || next - '0' > pattern.groupCount())) {
        throw new IllegalArgumentException(
            "substitution: "
                + substitution
                + " (expected: after a backslash the number of a group of the regex, up to "
                + Math.min(pattern.groupCount(), 9)
                + ", or another backslash)");
      }
    }
  }

  /** The text with every match replaced. */
  public String apply(String text) {
    Matcher matcher = pattern.matcher(text);
    StringBuilder out = new StringBuilder(text.length() + substitution.length());
    int copied = 0;
    boolean replaced = false;
    while (matcher.find()) {
      boolean emptyAfterMatch = replaced && matcher.end() == copied;
      if (!emptyAfterMatch) { // RE2 does not find nothing right behind a match
        out.append(text, copied, matcher.start());
        substitute(matcher, out);
        copied = matcher.end();
        replaced = true;
      }
    }
    return replaced ? out.append(text, copied, text.length()).toString() : text;
  }

  private void substitute(Matcher matcher, StringBuilder out) {
    int at = 0;
    while (at < substitution.length()) {
      char c = substitution.charAt(at);
      char next = c == '\\' ? substitution.charAt(at + 1) : ' ';
      if (c != '\\' || next == '\\') {
        out.append(c);
      } else if (matcher.group(next - '0') != null) {
        out.append(matcher.group(next - '0'));
      }
      at += c == '\\' ? 2 : 1;
    }
  }
}
