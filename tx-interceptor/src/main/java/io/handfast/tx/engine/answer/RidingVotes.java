package io.handfast.tx.engine.answer;

import io.handfast.tx.context.OwnHeader;
import io.handfast.tx.context.VoteHeader;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Vote;
import io.handfast.tx.interceptor.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Votes of one branch, as they ride with its answer (T8). Confined to the engine's loop. */
public final class RidingVotes {
  private final BranchId branch;
  private @Nullable BranchVote no;

  public RidingVotes(BranchId branch) {
    this.branch = branch;
  }

  /** Votes went as a message. */
  public void said(List<BranchVote> votes) {
    for (BranchVote own : votes) {
      if (own.vote() == Vote.ABORT && own.branch().equals(branch)) {
        no = own;
      }
    }
  }

  /** Why there is a refusal in the place of the service's answer, for people. */
  public String why(String otherwise) {
    return no == null ? otherwise : no.reason();
  }

  /**
   * A no that went by itself rides with the refusal once more, which may come first: whoever called
   * then says the same of why, in whichever order it hears them (T12).
   */
  public List<Field> orSaid(List<Field> fields) {
    return fields.isEmpty() && no != null ? field(List.of(no)) : fields;
  }

  /** Empty where the votes are none, or too long for a header. */
  public static List<Field> field(List<BranchVote> votes) {
    String value = votes.isEmpty() ? null : VoteHeader.write(votes);
    return value == null ? List.of() : List.of(new Field(OwnHeader.VOTE.headerName(), value));
  }
}
