package io.handfast.tx.explorer;

import static io.handfast.tx.core.Branch.Durability.FORCED_COMPLETE;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.explorer.Node.Effect;
import io.handfast.tx.explorer.Node.Entry;
import io.handfast.tx.explorer.Node.Write;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the explorer excuses where an operator has decided: the one request that a former life had
 * on its way, and nothing else.
 */
class StragglerTest {
  private final JournalWorld world =
      JournalWorld.begin(
          new Model(Layout.of(FORCED_COMPLETE, FORCED_COMPLETE), Machines.REAL, Bounds.NONE));
  private final Node node = world.nodes[1];

  private void operatorAborts() {
    node.keep(List.of(new Write(Entry.RESOLVED_ABORT.bit(), 0, false)));
  }

  @Test
  void shouldExcuseOnceWhatWasOnItsWayBeforeTheOperatorT21() {
    // Given
    node.effect = Effect.RESERVED;
    node.confirmSent = true;
    operatorAborts();

    // When / Then
    Promises.completes(world, node, true);
    assertThat(world.breach).isNull();
    Promises.completes(world, node, true);
    assertThat(world.breach).contains("an operator decided otherwise (T21)");
  }

  @Test
  void shouldNotExcuseTheSameBecauseAFormerLifeHasCompletedItT21() {
    // Given
    node.effect = Effect.CONFIRMED;
    operatorAborts();

    // When
    Promises.completes(world, node, true);

    // Then
    assertThat(world.breach).contains("an operator decided otherwise (T21)");
  }

  @Test
  void shouldNotExcuseTheSameWhereTheOtherWordIsOnItsWayT21() {
    // Given
    node.effect = Effect.RESERVED;
    node.cancelSent = true;
    operatorAborts();

    // When
    Promises.completes(world, node, true);

    // Then
    assertThat(world.breach).contains("an operator decided otherwise (T21)");
  }
}
