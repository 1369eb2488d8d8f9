package io.handfast.tx.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.Vote;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Properties over seeds: what is written is read as the same value; what was changed on the way is
 * read as a value that was written in full, or refused by the typed error, in bounded time.
 */
class CodecPropertiesTest {
  private static final int VALUES = 2_000;
  private static final int MUTATIONS = 20;
  private static final List<Vote> VOTES = List.of(Vote.values());
  private static final String ALPHABET = "abz09-_.;,=%+@ []\t\"\\é\u0000Ā😀";

  private interface Parser<T> {
    T parse(String value) throws MalformedHeaderException;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void shouldReadWhatItHasWritten(long seed) throws Exception {
    Random random = new Random(seed);
    for (int i = 0; i < VALUES; i++) {
      // Given
      TransactionContext context = context(random);
      List<BranchVote> votes = votes(random);
      TransactionIdentity plain =
          new TransactionIdentity(context.identity().tx(), context.identity().branch(), false);
      List<String> others = List.of(text(random), text(random));

      // When
      String header = ContextHeader.write(context);
      String vote = Objects.requireNonNull(VoteHeader.write(votes));

      // Then
      String what = "seed " + seed + ", value " + i;
      assertThat(ContextHeader.parse(List.of(header))).as(what).isEqualTo(context);
      assertThat(VoteHeader.parse(List.of(vote))).as(what).isEqualTo(votes);
      assertThat(TraceState.find(List.of(TraceState.put(others, plain)))).as(what).isEqualTo(plain);
      assertThat(Baggage.find(List.of(Baggage.put(others, context.identity()))))
          .as(what)
          .isEqualTo(context.identity());
      assertThat(TraceState.put(others, plain).length())
          .as(what)
          .isLessThanOrEqualTo(TraceState.MAX_LENGTH);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void shouldReadTheSameOrRefuseWhenAnythingWasChanged(long seed) {
    Random random = new Random(seed);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> mutateAll(random, "seed " + seed));
  }

  private static void mutateAll(Random random, String what) {
    for (int i = 0; i < VALUES / 4; i++) {
      // Given
      TransactionContext context = context(random);
      String header = ContextHeader.write(context);
      String vote = Objects.requireNonNull(VoteHeader.write(votes(random)));
      String traceState = TraceState.put(List.of(text(random)), context.identity());
      String baggage = Baggage.put(List.of(text(random)), context.identity());

      for (int n = 0; n < MUTATIONS; n++) {
        // When
        String changed = mutate(random, header);

        // Then: what is read says again exactly what was there, but for ignored flags, or a port
        // that was left out
        check(
            changed, value -> ContextHeader.write(ContextHeader.parse(List.of(value))), what, true);
        check(mutate(random, vote), value -> VoteHeader.parse(List.of(value)), what, false);
        check(
            mutate(random, traceState),
            value -> String.valueOf(TraceState.find(List.of(value))),
            what,
            false);
        check(
            mutate(random, baggage),
            value -> String.valueOf(Baggage.find(List.of(value))),
            what,
            false);
        String parent =
            TraceParent.of(random.nextLong(), random.nextLong(), random.nextLong(), true).write();
        check(
            mutate(random, parent), value -> String.valueOf(TraceParent.parse(value)), what, false);
      }
    }
  }

  private static <T> void check(String changed, Parser<T> parser, String what, boolean same) {
    try {
      T value = parser.parse(changed);
      assertThat(value).as(what).isNotNull();
      if (same) {
        assertThat(normal(String.valueOf(value))).as(what).isEqualTo(normal(changed));
      }
    } catch (MalformedHeaderException e) {
      assertThat(e.getMessage()).as(what).contains("(expected: ").hasSizeLessThan(900);
    } catch (RuntimeException e) {
      throw new AssertionError(what + ": " + changed, e);
    }
  }

  /** Without the flags, and with default ports as they are written when left out. */
  private static String normal(String value) {
    String withoutFlags = value.substring(0, 53) + value.substring(55);
    return withoutFlags.replace(":15014", "");
  }

  private static String mutate(Random random, String text) {
    StringBuilder changed = new StringBuilder(text);
    int at = random.nextInt(text.length());
    switch (random.nextInt(5)) {
      case 0 -> changed.setCharAt(at, (char) (text.charAt(at) ^ (1 << random.nextInt(8))));
      case 1 -> changed.setCharAt(at, ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      case 2 -> changed.deleteCharAt(at);
      case 3 -> changed.insert(at, ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      default -> changed.setLength(at);
    }
    return changed.toString();
  }

  private static TransactionContext context(Random random) {
    TxId tx = TxId.of(random.nextLong(), random.nextLong(), random.nextLong());
    TransactionIdentity identity =
        new TransactionIdentity(tx, BranchId.of(random.nextLong()), random.nextBoolean());
    long remaining = random.nextLong(TransactionContext.MAX_REMAINING_MS + 1);
    return new TransactionContext(identity, decider(random), authority(random), remaining);
  }

  private static Decider decider(Random random) {
    PeerIdentity[] identities = {
      null, new PeerIdentity("spiffe://mesh.example/ns/a/sa/b"), new PeerIdentity("bank.example")
    };
    return new Decider(store(random), authority(random), identities[random.nextInt(3)]);
  }

  private static List<BranchVote> votes(Random random) {
    List<BranchVote> votes = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      Vote vote = VOTES.get(random.nextInt(VOTES.size()));
      BranchId branch = BranchId.of(random.nextLong());
      votes.add(
          vote == Vote.STRUCK && random.nextBoolean()
              ? BranchVote.struckUnknown(branch, text(random))
              : new BranchVote(
                  branch,
                  vote,
                  authority(random),
                  store(random),
                  text(random),
                  "callback",
                  text(random),
                  text(random)));
    }
    return votes;
  }

  private static StoreId store(Random random) {
    return new StoreId((random.nextBoolean() ? "j." : "e.") + Long.toHexString(random.nextLong()));
  }

  private static Authority authority(Random random) {
    String host =
        random.nextBoolean()
            ? "svc-" + random.nextInt(1_000)
            : "[fd00::" + Integer.toHexString(random.nextInt(0xffff)) + "]";
    return new Authority(host, 1 + random.nextInt(65_535));
  }

  private static String text(Random random) {
    int[] points = ALPHABET.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(20); i > 0; i--) {
      text.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return text.toString();
  }
}
