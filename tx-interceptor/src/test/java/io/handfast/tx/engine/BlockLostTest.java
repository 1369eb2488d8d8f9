package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Blocks whose connection is lost, or whose PREPARE TRANSACTION is not carried out. */
class BlockLostTest {
  private final DatabaseStory bank = new DatabaseStory();
  private final Story story = bank.story;
  private final FakeDatabase database = bank.database;

  @Test
  void shouldUndoWhatMayBePreparedWhenTheConnectionIsLost() {
    // Given
    bank.callBank();
    BlockProbe block = bank.begin();
    String name = block.globalId();
    block.block().preparing(name);
    database.prepare(name, 700);

    // When
    block.block().lost("connection reset while PREPARE TRANSACTION was under way");
    story.pass(1).bankAnswers(200).frontAnswers(201).pass(50);

    // Then
    assertThat(story.client().replaced().detail()).contains("connection reset");
    assertThat(database.rolledBack).containsExactly(name);
    bank.assertSettled();
  }

  @Test
  void shouldAskNobodyForWhatWasNotPrepared() {
    // Given
    bank.callBank();
    BlockProbe block = bank.begin();
    block.block().preparing(block.globalId());

    // When: a statement before COMMIT failed, and the service goes on before a savepoint
    block.block().notPrepared();
    block.loseConnection("connection reset");
    story.pass(1).bankAnswers(200).frontAnswers(201).pass(50);

    // Then
    assertThat(story.client().replaced().detail()).contains("connection reset");
    assertThat(database.asked).isEmpty();
    bank.assertSettled();
  }
}
