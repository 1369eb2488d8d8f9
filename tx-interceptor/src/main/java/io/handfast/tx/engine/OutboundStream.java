package io.handfast.tx.engine;

import io.handfast.tx.context.MalformedHeaderException;
import io.handfast.tx.context.VoteHeader;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.interceptor.OutboundExchange;
import io.handfast.tx.interceptor.Verdict;
import io.handfast.tx.port.EngineLoop;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream's end of an outbound call: reads the votes, hops to the engine's loop, in order.
 * Thread-safe; its fields are confined to the loop.
 */
final class OutboundStream implements OutboundExchange {
  private static final Logger log = LoggerFactory.getLogger(OutboundStream.class);

  private final EngineLoop loop;
  private final boolean trusted;
  private @Nullable CallDriver call;

  OutboundStream(EngineLoop loop, boolean trusted) {
    this.loop = loop;
    this.trusted = trusted;
  }

  void opened(CallDriver opened) {
    call = opened;
  }

  @Override
  public void answered(Verdict verdict, List<String> votes) {
    List<BranchVote> read = read(votes);
    String failure = verdict.isSuccess() ? null : verdict.detail();
    loop.execute(() -> {
      if (call != null) {
        call.answered(read, failure);
      }
    });
  }

  /** Votes that cannot be read do not count; the call then has none, which is no (T9). */
  private List<BranchVote> read(List<String> votes) {
    if (votes.isEmpty() || !trusted) {
      return List.of();
    }
    try {
      return VoteHeader.parse(votes);
    } catch (MalformedHeaderException e) {
      log.warn("votes of a call do not count: {}", e.getMessage());
      return List.of();
    }
  }

  @Override
  public void failed(String reason, List<String> votes) {
    List<BranchVote> read = read(votes);
    loop.execute(() -> {
      if (call != null) {
        call.answered(read, reason);
      }
    });
  }
}
