package io.handfast.proxy.stats;

import com.google.re2j.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which statistics are rendered.
 *
 * @param name found somewhere in the dotted name (RE2); null: all
 * @param usedOnly leave out what was never written
 */
public record StatsFilter(@Nullable Pattern name, boolean usedOnly) {

  /** Everything. */
  public static final StatsFilter ALL = new StatsFilter(null, false);

  boolean admits(Stat.Named named) {
    return admits(named.dotted()) && (!usedOnly || named.stat().used());
  }

  boolean admits(String dotted) {
    return name == null || name.matcher(dotted).find();
  }
}
