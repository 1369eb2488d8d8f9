package io.handfast.proxy.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.stats.Stats;
import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;
import io.handfast.tx.interceptor.SqlEnlistment;
import io.handfast.tx.interceptor.SqlInterceptor;
import io.handfast.tx.interceptor.SqlRefusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of a block is counted, once and under its own name, and the engine hears it. */
final class CountedSqlTest {
  private final PostgresStats stats = new PostgresStats(new Stats(), "orders");
  private final Engine engine = new Engine();
  private final Told told = new Told();
  private final SqlBlock block =
      new CountedSql(engine, stats)
          .enlist(
              new SqlBlockCall(
                  "orders", new SqlBlockCall.Name.Trace("ab"), "UPDATE a", Runnable::run),
              told);

  /**
   * How a block can end.
   *
   * @param counted in the order of {@link #ends}
   */
  record End(String heard, Consumer<SqlBlock> tells, List<Long> counted) {
    @Override
    public String toString() {
      return heard;
    }
  }

  static List<End> everyEnd() {
    return List.of(
        new End("prepared", SqlBlock::prepared, List.of(1L, 0L, 0L, 0L, 0L)),
        new End("readOnly", SqlBlock::readOnly, List.of(0L, 1L, 0L, 0L, 0L)),
        new End("rolledBack", SqlBlock::rolledBack, List.of(0L, 0L, 1L, 0L, 0L)),
        new End("failed 55P03", block -> block.failed("55P03"), List.of(0L, 0L, 0L, 1L, 0L)),
        new End("lost gone", block -> block.lost("gone"), List.of(0L, 0L, 0L, 0L, 1L)));
  }

  @ParameterizedTest
  @MethodSource("everyEnd")
  void shouldCountWhatBecomesOfABlock(End end) {
    // Given
    engine.listener().enlisted(new SqlEnlistment(1, "x-1", "", 1_000, xid -> "hf1_" + xid));
    assertThat(stats.blocks.value()).isEqualTo(1);
    assertThat(ends()).containsOnly(0L);

    // When
    end.tells().accept(block);

    // Then
    assertThat(ends()).isEqualTo(end.counted());
    assertThat(stats.blocks.value()).isEqualTo(1);
    assertThat(engine.heard).containsExactly(end.heard());
    assertThat(told.words).containsExactly("enlisted");
  }

  @Test
  void shouldCountNoBlockThatTakesNoPart() {
    // When
    engine.listener().passes(true);
    engine.listener().refused(new SqlRefusal("25000", "no", ""));

    // Then
    assertThat(stats.blocks.value()).isZero();
    assertThat(ends()).containsOnly(0L);
    assertThat(told.words).containsExactly("passes", "refused");
  }

  @Test
  void shouldHandOnWhatIsNotCounted() {
    // When
    block.preparing("hf1_7");
    block.notPrepared();
    engine.listener().doomed(new SqlRefusal("40000", "late", ""));

    // Then
    assertThat(engine.heard).containsExactly("preparing hf1_7", "notPrepared");
    assertThat(block.lockNotGot()).containsExactly("another");
    assertThat(told.words).containsExactly("doomed");
    assertThat(ends()).containsOnly(0L);
  }

  private List<Long> ends() {
    return List.of(
        stats.blocksPrepared.value(),
        stats.blocksReadOnly.value(),
        stats.blocksRolledBack.value(),
        stats.blocksFailed.value(),
        stats.blocksLost.value());
  }

  /** An engine that writes down what it hears. */
  private static final class Engine implements SqlInterceptor, SqlBlock {
    final List<String> heard = new ArrayList<>();
    private @Nullable SqlBlockListener listener;

    SqlBlockListener listener() {
      return Objects.requireNonNull(listener);
    }

    @Override
    public boolean anyInFlight() {
      return true;
    }

    @Override
    public SqlBlock enlist(SqlBlockCall call, SqlBlockListener listener) {
      this.listener = listener;
      return this;
    }

    @Override
    public void contextMissing() {}

    @Override
    public void preparing(String globalId) {
      heard.add("preparing " + globalId);
    }

    @Override
    public void notPrepared() {
      heard.add("notPrepared");
    }

    @Override
    public void prepared() {
      heard.add("prepared");
    }

    @Override
    public void readOnly() {
      heard.add("readOnly");
    }

    @Override
    public void rolledBack() {
      heard.add("rolledBack");
    }

    @Override
    public void failed(String reason) {
      heard.add("failed " + reason);
    }

    @Override
    public void lost(String reason) {
      heard.add("lost " + reason);
    }

    @Override
    public List<String> lockNotGot() {
      return List.of("another");
    }
  }

  /** What a session is told. */
  private static final class Told implements SqlBlockListener {
    final List<String> words = new ArrayList<>();

    @Override
    public void enlisted(SqlEnlistment enlistment) {
      words.add("enlisted");
    }

    @Override
    public void passes(boolean noBranch) {
      words.add("passes");
    }

    @Override
    public void refused(SqlRefusal refusal) {
      words.add("refused");
    }

    @Override
    public void doomed(SqlRefusal refusal) {
      words.add("doomed");
    }
  }
}
