package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.resource.DatabaseResource;
import io.handfast.tx.resource.Resource;
import org.junit.jupiter.api.Test;

/** Blocks that only a trace-id names: what it does not name for sure is not committed (T4). */
class BlockByTraceTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private final DatabaseStory bank = new DatabaseStory();
  private final Story story = bank.story;

  /** A request of one trace, as a boundary of its own, whose service votes by its database. */
  private InboundProbe requestOfTheTrace(Resource resource) {
    InboundProbe served =
        story.bank.inbound(
            Policies.boundary(resource),
            "POST",
            "/orders",
            TestFields.of("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01"));
    story.pass(2);
    return served;
  }

  private void assertRefusedByTrace() {
    BlockProbe block = bank.begin(new SqlBlockCall.Name.Trace(TRACE));
    assertThat(block.passes).as("would be committed, whatever becomes of its branch").isNull();
    assertThat(requireNonNull(block.refused).sqlState()).isEqualTo("25000");
    assertThat(block.refused.message()).startsWith("trace " + TRACE + " names no branch");
    assertThat(story.bank.count("handfast.tx.context.missing")).isEqualTo(1);
  }

  @Test
  void shouldRefuseABlockOfATraceOfWhichTwoAreInFlightT4() {
    story.pass(16 * 60_000);
    requestOfTheTrace(DatabaseResource.INSTANCE);
    requestOfTheTrace(DatabaseResource.INSTANCE);
    assertRefusedByTrace();
  }

  @Test
  void shouldRefuseABlockOfATraceWithinTheQuarantineOfAnotherT4() {
    story.pass(16 * 60_000);
    requestOfTheTrace(DatabaseResource.INSTANCE).answered(200);
    story.pass(50);
    requestOfTheTrace(DatabaseResource.INSTANCE);
    assertRefusedByTrace();
  }

  @Test
  void shouldRefuseALateBlockOfATraceWhoseBranchWasAbortedT4() {
    // Given
    story.pass(16 * 60_000);
    requestOfTheTrace(DatabaseResource.INSTANCE).answered(500);
    story.pass(60_000);

    // When, Then: the handler still runs, and nothing is in flight
    assertThat(story.bank.engine().anyInFlight()).isFalse();
    assertThat(story.bank.engine().mayKnowTraces()).isTrue();
    assertRefusedByTrace();
    story.pass(15 * 60_000);
    assertThat(story.bank.engine().mayKnowTraces()).isFalse();
  }

  @Test
  void shouldRefuseABlockOfATraceInFlightAfterARestartT4() {
    story.bank.restart();
    requestOfTheTrace(DatabaseResource.INSTANCE);
    assertRefusedByTrace();
  }

  @Test
  void shouldLetBlocksOfATracePassWhereNoneOfItsBranchesTakesThem() {
    requestOfTheTrace(Policies.callback());
    requestOfTheTrace(Policies.callback());
    assertThat(bank.begin(new SqlBlockCall.Name.Trace(TRACE)).passes).isTrue();
  }
}
