package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static io.handfast.proxy.postgres.session.Talk.HF;
import static io.handfast.proxy.postgres.session.Talk.OTHER;
import static io.handfast.proxy.postgres.session.Talk.named;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However bytes are cut and however far a client is ahead, the same is said to both sides. */
final class CutsTest {

  /** What a client does; {@code broken} fails. */
  @SuppressWarnings("ImmutableEnumChecker") // lambdas that hold nothing
  enum Story {
    PLAIN(talk -> {
      talk.query("BEGIN").run("UPDATE a").sync().query("COMMIT");
      talk.query("").query("UPDATE broken").run("UPDATE broken").run("UPDATE c").sync();
      talk.query("COPY a FROM STDIN").copyData("1").copyDone();
      talk.run("COPY a FROM STDIN").copyData("1").copyDone().sync();
    }),
    BLOCK(talk -> {
      talk.query("BEGIN").run("UPDATE a" + HF).sync().parse("S_1", "COMMIT");
      talk.bind("S_1").execute().sync().closeStatement("S_1").sync();
    }),
    PIPELINE(talk -> {
      talk.run("BEGIN").run("UPDATE a" + HF).run("COMMIT").sync();
      talk.run("BEGIN").run("UPDATE broken" + HF).run("COMMIT").sync().query("ROLLBACK");
    }),
    AUTOCOMMIT(talk -> {
      talk.query("UPDATE a" + HF).run("UPDATE b" + HF).run("UPDATE c").sync();
      talk.run("UPDATE a" + HF).run("UPDATE broken").sync().query("UPDATE d");
      talk.query("COPY a FROM STDIN" + HF).copyData("1").copyDone().query("SELECT x FROM a" + HF);
    }),
    TEXT(talk -> {
      talk.query("BEGIN; UPDATE a" + HF + "; COMMIT; UPDATE b; BEGIN; UPDATE c");
      talk.query("COMMIT AND CHAIN").query("SELECT 1; ROLLBACK");
    }),
    REFUSED(talk -> {
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE b" + named(OTHER));
      talk.query("SELECT 1").run("SELECT 1").sync().query("COMMIT").query("SELECT 1");
      talk.query("BEGIN").run("UPDATE a" + HF).run("UPDATE b" + named(OTHER)).run("SELECT 1");
      talk.sync().run("ROLLBACK").sync();
    }),
    REFUSED_ROWS(talk -> {
      talk.engine = Talk.Engine.REFUSES;
      talk.run("SELECT wide FROM a" + HF).sync().query("SELECT 1");
    }),
    SET_LOCAL(talk -> {
      talk.query("BEGIN").query("SET LOCAL handfast.tx = '" + BRANCH + "'").query("UPDATE a");
      talk.query("END").parse("S_9", "UPDATE a").sync().query("DEALLOCATE ALL");
    });

    private final Consumer<Talk> acts;

    Story(Consumer<Talk> acts) {
      this.acts = acts;
    }
  }

  private static Talk play(Story story, int piece) {
    Talk talk = new Talk(false, piece);
    talk.server.failing.put("broken", "23505");
    story.acts.accept(talk);
    return talk;
  }

  private static String outcome(Talk talk) {
    return talk.told + "\n" + talk.server.ran + "\n" + talk.blocks + "\n" + talk.server.prepared;
  }

  @ParameterizedTest
  @EnumSource
  void shouldSayTheSameHoweverBytesAreCut(Story story) {
    try (Talk whole = play(story, Integer.MAX_VALUE)) {
      for (int piece : new int[] {1, 2, 3, 5, 7, 11, 64}) {
        try (Talk cut = play(story, piece)) {
          assertThat(outcome(cut)).as("pieces of %s", piece).isEqualTo(outcome(whole));
        }
      }
    }
  }

  /** A client that waits for nothing; COPY's data is sent when it is asked for only. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"PLAIN", "AUTOCOMMIT"})
  void shouldSayTheSameToAClientThatDoesNotWait(Story story) {
    try (Talk patient = play(story, Integer.MAX_VALUE);
        Talk hasty = new Talk()) {
      hasty.server.failing.put("broken", "23505");
      hasty.serving = false;

      // When
      story.acts.accept(hasty);
      hasty.serve();

      // Then
      assertThat(outcome(hasty)).isEqualTo(outcome(patient));
    }
  }

  @Test
  void shouldLeaveBytesAsTheyAreOutsideOfTransactionsOfTheMesh() {
    // Given
    List<ByteBuf> toServer = new ArrayList<>();
    List<ByteBuf> toClient = new ArrayList<>();
    Talk engine = new Talk();
    engine.inFlight = false;
    PgSession session =
        new PgSession(
            new PgRules("bank", false, "", java.util.Set.of()),
            engine,
            Runnable::run,
            new PgSession.Out() {
              @Override
              public void toServer(ByteBuf bytes) {
                toServer.add(bytes);
              }

              @Override
              public void toClient(ByteBuf bytes) {
                toClient.add(bytes);
              }

              @Override
              public void pauseClient(boolean pause) {}

              @Override
              public void close() {}
            });
    FakePostgres server = new FakePostgres();
    server.failing.put("broken", "23505");
    Random random = new Random(7);
    ByteBuf sent = Unpooled.buffer();
    ByteBuf answered = Unpooled.buffer();
    ByteBuf hello = server.hello();
    answered.writeBytes(hello, 0, hello.readableBytes());
    session.fromServer(hello);
    try (Talk client = play(Story.PLAIN, Integer.MAX_VALUE)) {
      sent.writeBytes(client.reached);
    }

    // When
    ByteBuf left = sent.copy();
    while (left.isReadable()) {
      session.fromClient(left.readBytes(Math.min(left.readableBytes(), 1 + random.nextInt(64))));
      List<ByteBuf> reached = List.copyOf(toServer);
      toServer.clear();
      for (ByteBuf bytes : reached) {
        ByteBuf answer = server.read(bytes);
        answered.writeBytes(answer, 0, answer.readableBytes());
        session.fromServer(answer);
      }
    }

    // Then
    ByteBuf received = Unpooled.wrappedBuffer(toClient.toArray(ByteBuf[]::new));
    assertThat(ByteBufUtil.hexDump(received)).isEqualTo(ByteBufUtil.hexDump(answered));
    assertThat(server.committed).contains("UPDATE a");
    received.release();
    left.release();
    engine.close();
  }

  @Test
  void shouldForwardAParameterThatIsLongerThanItLooksAt() {
    try (Talk talk = new Talk(false, 1_000)) {
      // Given
      ByteBuf parameter =
          Talk.message(
              'S',
              body ->
                  body.writeBytes("search_path".getBytes(US_ASCII))
                      .writeByte(0)
                      .writeBytes("x".repeat(70_000).getBytes(US_ASCII))
                      .writeByte(0));

      // When
      while (parameter.isReadable()) {
        talk.session.fromServer(parameter.readBytes(Math.min(9_000, parameter.readableBytes())));
      }
      parameter.release();

      // Then
      assertThat(talk.heard()).isEqualTo("S");
      assertThat(talk.closed).isFalse();
    }
  }

  @Test
  void shouldForwardWhatItNeedNotSeeBeforeItIsWhole() {
    try (Talk talk = new Talk()) {
      // Given
      ByteBuf head = Unpooled.buffer().writeByte('d').writeInt(1_000_004).writeZero(10);
      talk.query("COPY a FROM STDIN");
      int before = talk.reached.readableBytes();

      // When
      talk.send(head);

      // Then
      assertThat(talk.reached.readableBytes() - before).isEqualTo(15);
    }
  }
}
