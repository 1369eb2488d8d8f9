package io.handfast.demo.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.demo.story.Story.Played;
import io.handfast.demo.town.Accounts;
import io.handfast.demo.town.Kind;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Transfers over gRPC through the bank's mesh as it is, every service and sidecar a process. */
final class GrpcIT {

  @Test
  void shouldMoveTheMoneyAtBothBanksOrAtNeither() throws Exception {
    // Given
    List<Told> whileDown = new ArrayList<>();
    Act bankDown = new Act("a bank that is down", scene -> whileDown.add(bankDown(scene)));

    // When
    List<Played> played = Stage.play(Kind.CALLBACK, List.of(GrpcAct.act(), bankDown));

    // Then
    assertThat(played).hasSize(2).allSatisfy(act -> assertThat(act.violations()).isEmpty());
    assertThat(played.getFirst().told()).isEqualTo("committed, aborted");
    assertThat(played.getLast().findings().balances())
        .containsEntry("bank-a/alice", Accounts.OPENING_BALANCE - 12_500)
        .containsEntry("bank-b/bob", Accounts.OPENING_BALANCE + 12_500);
    assertThat(whileDown)
        .singleElement()
        .satisfies(told -> assertThat(told.status()).isEqualTo("UNAVAILABLE"));
  }

  /** bank-a has reserved and voted yes by the time that bank-b's part fails. */
  private static Told bankDown(Scene scene) throws IOException, InterruptedException {
    Town town = scene.town();
    town.service(Member.BANK_B).kill9();
    Order order = Order.fromAliceToBob("grpc-bank-down", 10_000);
    Told told = scene.askByGrpc(order);
    scene.expect(told, Verdict.ABORTED);
    scene.expectInTheEnd(order, false);
    town.service(Member.BANK_B).start();
    town.awaitService(Member.BANK_B);
    return told;
  }
}
