package io.handfast.tx.core.participant;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.RowTable;
import io.handfast.tx.core.RowTable.Row;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every (state, event) row of the participant: what it does, or that it cannot happen. */
class ParticipantRowsTest {
  private static RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table() {
    RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table =
        new RowTable<>(ParticipantCore::step);
    OpeningRowTable.addTo(table);
    WorkingRowTable.addTo(table);
    PrepareRowTable.addTo(table);
    DelegationRowTable.addTo(table);
    ThreePhaseRowTable.addTo(table);
    OutcomeRowTable.addTo(table);
    ResolutionRowTable.addTo(table);
    return table;
  }

  static Stream<Row<ParticipantState, ParticipantEvent>> rows() {
    return table().rows().stream();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void shouldDoWhatTheRowSays(Row<ParticipantState, ParticipantEvent> row) {
    table().check(row);
  }

  @Test
  void shouldHaveExercisedEveryRow() {
    // Given
    RowTable<ParticipantState, ParticipantEvent, ParticipantEffect> table = table();

    // When
    table.rows().forEach(table::check);

    // Then
    assertThat(table.neverExercised(ParticipantState.class, ParticipantEvent.class)).isEmpty();
  }

  @Test
  void shouldMoveNowhereFromEnded() {
    // Given
    List<Row<ParticipantState, ParticipantEvent>> terminal =
        table().rows().stream()
            .filter(row -> row.state() instanceof Ended && row.next() != null)
            .toList();

    // When
    List<ParticipantState> next =
        terminal.stream()
            .map(row -> ParticipantCore.step(row.state(), row.event()).next())
            .toList();

    // Then
    assertThat(next).isNotEmpty().isEqualTo(terminal.stream().map(Row::state).toList());
  }
}
