package io.handfast.demo.story;

import io.handfast.demo.town.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the command line says. A bad option throws {@link IllegalArgumentException} with a sentence
 * for the user.
 *
 * @param home the checkout, with everything built
 * @param seed decides the transfers and the kills of the last act
 * @param transfers how many transfers the last act makes; empty: as many as it says itself
 * @param killEvery mean time from all sidecars being ready to the next kill, in the last act
 * @param keep leave everything running at the end, until Ctrl-C
 * @param part what is played
 */
public record Settings(
    Path home, long seed, OptionalInt transfers, Duration killEvery, boolean keep, Part part) {
  static final int CLIENTS = 16;
  static final int PLAIN_CLIENTS = 6;

  /** What there is to play. */
  public enum Part {
    /** The story of the bank in plain SQL. */
    DATABASE,
    /** The story of the bank that reserves. */
    CALLBACK,
    /** Two acts of the latter with etcd in the place of journals. */
    ETCD,
    /** All of them, one after the other. */
    ALL;

    /** The story that is told without a word of which. */
    public static final Part STORY = DATABASE;

    /** The towns that are started, one after the other. */
    public List<Kind> kinds() {
      return switch (this) {
        case DATABASE -> List.of(Kind.DATABASE);
        case CALLBACK -> List.of(Kind.CALLBACK);
        case ETCD -> List.of(Kind.ETCD);
        case ALL -> List.of(Kind.values());
      };
    }
  }

  public static final String USAGE =
      """
      Usage: handfast demo [--seed N] [--transfers N] [--kill-every DURATION] [--keep]
             handfast demo --act database|callback|etcd|all
             handfast demo --transparent

      Starts a bank of four services, each with a sidecar, and moves money while things break.

        --act NAME             what is played: the story of a bank in plain SQL, whose COMMIT is its
                               vote (database), which is told without this; that of a bank that
                               reserves, confirms and cancels (callback); two acts of the latter in
                               which transactions are kept in etcd and the coordinator's pod is lost
                               for good (etcd), left out where no etcd is on the PATH; or all three,
                               one after the other (all)
        --seed N               repeat the last act of a run (default: drawn, and printed)
        --transfers N          transfers in the last act (default: 30; of the bank that reserves 200)
        --kill-every DURATION  mean time in the last act from all sidecars being ready to the next
                               kill, such as 800ms or 2s (default: 1200ms)
        --keep                 leave everything running at the end, for curl and kill, until Ctrl-C
        --transparent          each service in a network namespace of its own, calling the others by
                               plain address, its connections redirected by `handfast init`; a short
                               story, which needs root
        --help                 this text
      """;

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m)");
  private static final int MAX_TRANSFERS = 20_000;

  public static Settings parse(List<String> args, Path home, long drawnSeed) {
    Settings settings =
        new Settings(
            home, drawnSeed, OptionalInt.empty(), Duration.ofMillis(1200), false, Part.STORY);
    Deque<String> rest = new ArrayDeque<>(args);
    while (!rest.isEmpty()) {
      String argument = rest.pop();
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (equals >= 0) {
        rest.push(argument.substring(equals + 1));
      }
      settings = settings.with(name, rest);
    }
    if (settings.keep && settings.part.kinds().contains(Kind.ETCD)) {
      throw new IllegalArgumentException(
          "--keep: with etcd (expected: --keep without --act, or with database or callback)");
    }
    return settings;
  }

  private Settings with(String name, Deque<String> rest) {
    return switch (name) {
      case "--seed" ->
          new Settings(home, number(name, rest, Long.MAX_VALUE), transfers, killEvery, keep, part);
      case "--transfers" ->
          new Settings(
              home,
              seed,
              OptionalInt.of((int) number(name, rest, MAX_TRANSFERS)),
              killEvery,
              keep,
              part);
      case "--kill-every" -> new Settings(home, seed, transfers, duration(name, rest), keep, part);
      case "--keep" -> new Settings(home, seed, transfers, killEvery, true, part);
      case "--act" -> new Settings(home, seed, transfers, killEvery, keep, part(name, rest));
      default ->
          throw new IllegalArgumentException(
              name
                  + ": unknown option (expected: --act, --seed, --transfers, --kill-every, --keep,"
                  + " --transparent or --help)");
    };
  }

  private static Part part(String name, Deque<String> rest) {
    String value = value(name, rest);
    return switch (value) {
      case "database" -> Part.DATABASE;
      case "callback" -> Part.CALLBACK;
      case "etcd" -> Part.ETCD;
      case "all" -> Part.ALL;
      default ->
          throw new IllegalArgumentException(
              name + ": " + value + " (expected: database, callback, etcd or all)");
    };
  }

  private static String value(String name, Deque<String> rest) {
    String value = rest.poll();
    if (value == null) {
      throw new IllegalArgumentException(name + ": without a value (expected: " + name + " VALUE)");
    }
    return value;
  }

  private static long number(String name, Deque<String> rest, long max) {
    String value = value(name, rest);
    try {
      long number = Long.parseLong(value);
      if (number >= 0 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The sentence below says it.
    }
    throw new IllegalArgumentException(
        name + ": " + value + " (expected: a whole number from 0 to " + max + ")");
  }

  private static Duration duration(String name, Deque<String> rest) {
    String value = value(name, rest);
    Matcher matcher = DURATION.matcher(value.toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      Map<String, Integer> millis = Map.of("ms", 1, "s", 1000, "m", 60_000);
      Duration duration =
          Duration.ofMillis(
              Long.parseLong(matcher.group(1)) * millis.getOrDefault(matcher.group(2), 1));
      if (duration.compareTo(Duration.ofMillis(100)) >= 0) {
        return duration;
      }
    }
    throw new IllegalArgumentException(
        name + ": " + value + " (expected: a duration of 100ms or more, such as 800ms or 2s)");
  }
}
