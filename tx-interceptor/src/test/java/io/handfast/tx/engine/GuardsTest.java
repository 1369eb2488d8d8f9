package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Outcome;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.resource.DatabaseResource;
import io.handfast.tx.resource.ReadOnlyResource;
import io.handfast.tx.resource.Resource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The guards of §5, which the sidecar keeps so that services need none: each of them in every way
 * that a service may take part.
 */
class GuardsTest {

  /** How the bank's service takes part. */
  enum Mode {
    CALLBACK,
    OVERLAPPED,
    /** A branch record follows BEGUN. */
    OF_THE_ANSWER,
    ASKED,
    READ_ONLY,
    /** No statement of its own comes. */
    DATABASE,
    /** The route says nothing, and the method is a safe one. */
    SAFE_METHOD;

    private @Nullable Resource resource() {
      return switch (this) {
        case CALLBACK -> Policies.callback();
        case OVERLAPPED -> Policies.overlapped();
        case OF_THE_ANSWER ->
            Policies.callback("/confirm/{response.json/id}", "/cancel/{response.json/id}");
        case ASKED -> Policies.preparing();
        case READ_ONLY -> ReadOnlyResource.INSTANCE;
        case DATABASE -> DatabaseResource.INSTANCE;
        case SAFE_METHOD -> null;
      };
    }

    /** Whether a restart finds the branch. */
    private boolean isRecorded() {
      return switch (this) {
        case CALLBACK, OVERLAPPED, OF_THE_ANSWER, ASKED -> true;
        case READ_ONLY, DATABASE, SAFE_METHOD -> false;
      };
    }

    private RoutePolicy policy() {
      return this == SAFE_METHOD ? RoutePolicy.NONE : Policies.participant(resource());
    }

    private String method() {
      return this == SAFE_METHOD ? "GET" : "POST";
    }
  }

  private static final StoredAnswer ANSWER = InboundProbe.answer(200, "{\"id\":7}");

  private final Story story = new Story();
  private final Control control = new Control(story);

  /** The front's service calls the bank; the call has not arrived. */
  private void call() {
    story.begin();
    story.call = story.front.outbound(RoutePolicy.NONE, story.client().service());
  }

  private InboundProbe arrives(Mode mode, TestFields wire) {
    return story.bank.inbound(mode.policy(), mode.method(), "/reserve", wire);
  }

  private InboundProbe arrives(Mode mode) {
    return arrives(mode, story.call().wire());
  }

  /** The call reaches the bank's service. */
  private InboundProbe served(Mode mode) {
    call();
    InboundProbe served = arrives(mode);
    story.pass(2);
    assertThat(served.forwarded).isNotNull();
    return served;
  }

  private void answers(InboundProbe served) {
    served.exchange().answered(ANSWER);
    story.pass(3);
  }

  private void abort() {
    assertThat(
            control
                .tell(story.bank, control.tx(), control.branch(), Outcome.ABORT, "j.bank")
                .getAcknowledgement())
        .isEqualTo(Acknowledgement.DONE);
  }

  @ParameterizedTest
  @EnumSource
  void shouldLetADuplicateWaitForTheFirstAndAnswerItAlike(Mode mode) {
    // Given
    InboundProbe served = served(mode);

    // When
    InboundProbe again = arrives(mode);
    story.pass(100);
    assertThat(again.answers()).isZero();
    answers(served);

    // Then
    assertAlike(served, again);
  }

  @ParameterizedTest
  @EnumSource
  void shouldAnswerADuplicateAlikeWhenTheFirstIsAnswered(Mode mode) {
    // Given
    InboundProbe served = served(mode);
    answers(served);

    // When
    InboundProbe again = arrives(mode);

    // Then
    assertAlike(served, again);
  }

  private static void assertAlike(InboundProbe served, InboundProbe again) {
    assertThat(served.released).isNotNull();
    assertThat(again.forwarded).isNull();
    StoredAnswer replayed = again.replayed;
    assertThat(replayed).isNotNull();
    assertThat(replayed.status()).isEqualTo(200);
    assertThat(replayed.body()).isEqualTo(ByteString.copyFromUtf8("{\"id\":7}"));
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuse409ADuplicateWhoseAnswerIsNotKept(Mode mode) {
    // Given: an answer that is too large
    InboundProbe served = served(mode);
    InboundProbe waiting = arrives(mode);
    served.exchange().answered(InboundProbe.answer(200, null, true));
    story.pass(3);

    // When
    InboundProbe late = arrives(mode);

    // Then
    assertThat(List.of(waiting, late)).allMatch(it -> it.refused().status() == 409);
    assertThat(List.of(waiting, late)).allMatch(it -> it.forwarded == null);
  }

  @ParameterizedTest
  @EnumSource
  void shouldNotLetADuplicateWaitForABranchThatARestartFound(Mode mode) {
    // Given
    answers(served(mode));
    story.bank.restart();

    // When
    InboundProbe again = arrives(mode);
    story.pass(2);

    // Then: of a branch without effects nothing is known, nor need be
    if (mode.isRecorded()) {
      assertThat(again.refused().type()).isEqualTo("duplicate-call");
    } else {
      assertThat(again.forwarded).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldCallNothingWhenAbortComesBeforeTheCallAndRefuseTheCallT16(Mode mode) {
    // Given
    call();

    // When
    abort();
    InboundProbe late = arrives(mode);
    InboundProbe later = arrives(mode);
    story.pass(10_000);

    // Then
    assertThat(List.of(late, later)).allMatch(it -> it.forwarded == null);
    assertThat(late.refused().type()).isEqualTo("branch-ended");
    assertThat(later.refused().type()).isEqualTo("branch-ended");
    assertThat(story.bank.completions).isEmpty();
    assertThat(story.bank.disk().durable).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void shouldNotCallTheServiceAgainWhenItsBranchWasAbortedT17(Mode mode) {
    // Given
    InboundProbe served = served(mode);
    InboundProbe waiting = arrives(mode);
    control.tell(story.bank, control.tx(), control.branch(), Outcome.ABORT, "j.bank");

    // When
    answers(served);
    InboundProbe late = arrives(mode);
    story.pass(10_000);

    // Then
    assertThat(served.replaced().status()).isEqualTo(409);
    assertThat(waiting.refused().status()).isEqualTo(409);
    assertThat(late.refused().status()).isEqualTo(409);
    assertThat(List.of(waiting, late)).allMatch(it -> it.forwarded == null);
    assertThat(story.bank.completions).hasSize(mode.isRecorded() ? 1 : 0);
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuse504ACallThatComesAfterItsDeadlineT3(Mode mode) {
    // Given
    call();
    String context = String.valueOf(story.call().wire().first("tx-context"));

    // When
    InboundProbe late =
        arrives(mode, TestFields.of("tx-context", context.replaceAll(";t=.*", ";t=0")));

    // Then
    assertThat(late.refused().status()).isEqualTo(504);
    assertThat(late.forwarded).isNull();
    assertThat(story.bank.disk().durable).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseWhatTheServiceCallsAfterTheDeadlineT11(Mode mode) {
    // Given
    InboundProbe served = served(mode);
    story.pass(Policies.TIMEOUT.toMillis() + 1);

    // When
    OutboundProbe late = story.bank.outbound(RoutePolicy.NONE, served.service());

    // Then
    assertThat(late.forwarded).isNull();
    assertThat(late.refused().status()).isIn(504, 409);
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuse409WhatTheServiceCallsWhenItsBranchIsClosedT11(Mode mode) {
    // Given
    InboundProbe served = served(mode);
    answers(served);

    // When
    OutboundProbe late = story.bank.outbound(RoutePolicy.NONE, served.service());

    // Then
    assertThat(late.refused().status()).isEqualTo(409);
    assertThat(late.forwarded).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuse409WhatTheServiceCallsWhenItsBranchIsOverT5(Mode mode) {
    // Given
    InboundProbe served = served(mode);
    answers(served);
    story.served = served;
    story.deliver(200);
    story.frontAnswers(200).pass(5_000);
    story.assertSettled();

    // When
    OutboundProbe named = story.bank.outbound(RoutePolicy.NONE, served.service());
    OutboundProbe byTrace =
        story.bank.outbound(
            new RoutePolicy(Propagation.MANDATORY, null, null, false),
            served.service().only("traceparent"));

    // Then
    assertThat(named.refused().type()).isEqualTo("branch-not-in-flight");
    assertThat(byTrace.refused().status()).isEqualTo(400);
  }
}
