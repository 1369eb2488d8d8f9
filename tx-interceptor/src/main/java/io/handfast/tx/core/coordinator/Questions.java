package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.ParticipantKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who has been asked to prepare and has not answered. Immutable.
 *
 * @param open by participant, in the order in which they were asked first
 */
public record Questions(Map<ParticipantKey, Question> open) {
  public Questions {
    open = FewMap.copyOf(open);
  }

  /**
   * One question on its way.
   *
   * @param branch whom
   * @param attempt how often it was asked
   */
  public record Question(BranchVote branch, int attempt) {}

  static Questions of(List<BranchVote> branches) {
    Map<ParticipantKey, Question> open = new LinkedHashMap<>();
    for (BranchVote branch : branches) {
      ParticipantKey key = branch.key();
      if (key != null) {
        open.put(key, new Question(branch, 1));
      }
    }
    return new Questions(open);
  }

  @Nullable Question get(@Nullable ParticipantKey participant) {
    return participant == null ? null : open.get(participant);
  }

  Questions again(ParticipantKey participant, Question question) {
    Question next = new Question(question.branch(), question.attempt() + 1);
    return new Questions(FewMap.copyOf(open).with(participant, next));
  }

  Questions without(ParticipantKey participant) {
    return new Questions(FewMap.copyOf(open).without(List.of(participant)));
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  /** Who has not answered. */
  List<BranchVote> branches() {
    List<BranchVote> branches = new ArrayList<>(open.size());
    open.values().forEach(question -> branches.add(question.branch()));
    return branches;
  }
}
