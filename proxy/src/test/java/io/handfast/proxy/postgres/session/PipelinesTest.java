package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Pipelines that chance makes, cut where chance will, of a client that is ahead as far as chance
 * lets it: what belongs to a branch is never committed by COMMIT, and the client stays in step.
 */
final class PipelinesTest {
  private static final int SCRIPTS = 2_000;

  /** What a client sends, in words and in bytes. */
  private record Script(List<String> words, ByteBuf bytes, int readies, boolean mixed) {
    static Script of(RandomGenerator random) {
      List<String> words = new ArrayList<>();
      ByteBuf bytes = Unpooled.buffer();
      boolean mixed = random.nextInt(10) == 0;
      boolean open = false;
      int readies = 0;
      for (int i = 1 + random.nextInt(24); i > 0; i--) {
        if (open && random.nextInt(3) == 0) {
          words.add("Sync");
          append(bytes, 'S', "");
          readies++;
          open = false;
        } else if ((!open || mixed) && random.nextInt(3) == 0) {
          String text = statement(random, i);
          while (random.nextInt(3) == 0) {
            text += "; " + statement(random, 100 + i + text.length());
          }
          words.add("Query " + text);
          append(bytes, 'Q', text);
          readies++;
          open = false;
        } else {
          String text = statement(random, i);
          words.add(text);
          run(bytes, random.nextInt(3) == 0 ? "n" + i : "", text);
          open = true;
          if (random.nextInt(8) == 0) {
            words.add("Flush");
            append(bytes, 'H', "");
          }
        }
      }
      return new Script(words, bytes, readies, mixed);
    }

    private static String statement(RandomGenerator random, int number) {
      return switch (random.nextInt(18)) {
        case 0, 1, 2 -> "BEGIN";
        case 3, 4 -> "COMMIT";
        case 5 -> "ROLLBACK";
        case 6 -> random.nextBoolean() ? "COMMIT AND CHAIN" : "ROLLBACK AND CHAIN";
        case 7, 8 -> "SAVEPOINT s";
        case 9, 10 -> "ROLLBACK TO s";
        case 11 -> "SET LOCAL handfast.tx = '" + BRANCH + "'";
        case 12 -> "UPDATE broken" + number + (random.nextBoolean() ? HF : "");
        case 13 -> "SELECT x FROM a" + number + (random.nextBoolean() ? HF : "");
        case 14 -> "UPDATE plain" + number;
        case 15 -> "DEALLOCATE ALL";
        default -> "UPDATE named" + number + HF;
      };
    }

    private static void run(ByteBuf bytes, String name, String text) {
      bytes.writeBytes(Talk.message('P', body -> string(string(body, name), text).writeShort(0)));
      bytes.writeBytes(Talk.message('B', body -> string(string(body, ""), name).writeZero(6)));
      bytes.writeBytes(Talk.message('E', body -> string(body, "").writeInt(0)));
    }

    private static void append(ByteBuf bytes, char type, String text) {
      bytes.writeBytes(
          Talk.message(
              type,
              body -> {
                if (type == 'Q') {
                  string(body, text);
                }
              }));
    }

    private static ByteBuf string(ByteBuf to, String text) {
      to.writeCharSequence(text, StandardCharsets.UTF_8);
      return to.writeByte(0);
    }
  }

  private static Talk talk(RandomGenerator random) {
    Talk talk = new Talk(random.nextInt(4) == 0, 1 + random.nextInt(200));
    talk.server.failing.put("broken", "23505");
    talk.server.buffering = random.nextBoolean();
    talk.serving = false;
    return talk;
  }

  /** Sends up to there; the server answers at times. */
  private static void send(Talk talk, ByteBuf bytes, int to, RandomGenerator random) {
    int often = 1 + random.nextInt(8);
    while (bytes.readerIndex() < to) {
      int size = Math.min(to - bytes.readerIndex(), 1 + random.nextInt(400));
      talk.session.fromClient(bytes.readBytes(size));
      if (random.nextInt(often) == 0) {
        talk.serve();
      }
    }
  }

  @Test
  void T4_shouldNeverCommitWhatABranchOwnsAndKeepTheClientInStep() {
    for (long seed = 0; seed < SCRIPTS; seed++) {
      RandomGenerator random = new Random(seed);
      Script script = Script.of(random);
      try (Talk talk = talk(random)) {
        // When
        send(talk, script.bytes(), script.bytes().writerIndex(), random);
        talk.sync().serve();
        List<String> told = List.copyOf(talk.told);
        talk.heard();
        talk.query("ROLLBACK").query("SELECT 1").serve();

        // Then
        String what = seed + ": " + script.words() + " " + told + " " + talk.server.ran;
        assertThat(talk.server.violations).as(what).isEmpty();
        assertThat(talk.heard()).as(what).isEqualTo("C(ROLLBACK) ZI D C(SELECT 1) ZI");
        if (!script.mixed()) {
          assertThat(told.stream().filter(one -> one.startsWith("Z")))
              .as(what)
              .hasSize(script.readies() + 1);
        }
        assertThat(talk.server.prepared).as(what).hasSize(told(talk.blocks, "prepared"));
      }
    }
  }

  @Test
  void T12_shouldVoteReadOnlyForNothingThatTheDatabaseWouldHavePrepared() {
    for (long seed = 0; seed < SCRIPTS; seed++) {
      RandomGenerator random = new Random(seed);
      Script script = Script.of(random);
      int all = script.bytes().writerIndex();
      int gone = 1 + random.nextInt(all);
      int answered = random.nextInt(gone);
      long chance = random.nextLong();
      try (Talk whole = talk(new Random(chance));
          Talk cut = talk(new Random(chance))) {
        // When: the server answers nothing that comes behind the first part
        ByteBuf again = script.bytes().duplicate();
        send(whole, script.bytes(), gone, new Random(chance));
        whole.serve();
        whole.session.clientGone();
        send(cut, again, answered, new Random(chance));
        cut.serve();
        cut.session.fromClient(again.readBytes(gone - answered));
        cut.session.clientGone();

        // Then
        List<String> would = ends(whole);
        List<String> told = ends(cut);
        for (int i = 0; i < told.size(); i++) {
          String what = seed + ": " + script.words() + " " + answered + "/" + gone + " " + would;
          if (i < would.size() && would.get(i).equals("prepared")) {
            assertThat(told.get(i)).as(what).matches("prepared|lost|failed.*");
          }
        }
      }
    }
  }

  private static List<String> ends(Talk talk) {
    return talk.blocks.stream().filter(one -> !one.startsWith("preparing")).toList();
  }

  private static int told(List<String> blocks, String what) {
    return (int) blocks.stream().filter(what::equals).count();
  }
}
