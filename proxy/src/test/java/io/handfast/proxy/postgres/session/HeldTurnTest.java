package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.SqlRefusal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** While the engine is asked nothing needs to be sent; when it has answered, something is. */
final class HeldTurnTest {
  private final Talk talk = new Talk();
  private int before;

  @BeforeEach
  void asks() {
    talk.engine = Talk.Engine.WAITS;
    talk.run("BEGIN").run("UPDATE a" + HF).sync();
    assertThat(talk.turnHeld).isTrue();
    before = talk.reached.readableBytes();
  }

  private void assertGoesOn() {
    assertThat(talk.turnHeld).isFalse();
    assertThat(talk.reached.readableBytes()).isGreaterThan(before);
    talk.close();
  }

  @Test
  void shouldLetGoWhenTheBlockTakesPart() {
    // When
    talk.enlists();

    // Then
    assertThat(talk.heard()).endsWith("C(UPDATE 1) ZT");
    assertGoesOn();
  }

  @Test
  void shouldLetGoWhenTheBlockIsTheServicesOwn() {
    // When
    talk.passes();

    // Then
    assertThat(talk.heard()).endsWith("C(UPDATE 1) ZT");
    assertGoesOn();
  }

  @Test
  void shouldLetGoWhenTheStatementIsRefused() {
    // When
    talk.refuses(new SqlRefusal("25000", "not in flight", ""));

    // Then
    assertThat(talk.heard()).endsWith("E25000 ZE");
    assertGoesOn();
  }
}
