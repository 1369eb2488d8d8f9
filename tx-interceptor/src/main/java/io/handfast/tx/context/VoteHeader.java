package io.handfast.tx.context;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.Vote;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code tx-vote}: a list of {@code
 * <branch-id>;v=<vote>;p=<authority>;j=<store-id>;s=<service>;m=<mode>;h=<handle>;r=<reason>} (rule
 * T8). Parameters after {@code v} are left out when empty; unknown ones are ignored, for a newer
 * sidecar may write more.
 *
 * <p>Values other than vote, authority and store are percent-encoded outside of {@code A-Z a-z 0-9
 * - . _ ~ : / @}.
 */
public final class VoteHeader {
  /** Characters of a value; longer lists travel as a {@code Vote} message. */
  public static final int MAX_LENGTH = 4_096;

  /** Characters of a reason that are written; the rest is for the log of who gave it. */
  public static final int MAX_REASON = 400;

  private static final String NAME = OwnHeader.VOTE.headerName();
  private static final String PLAIN = "-._~:/@";

  private VoteHeader() {}

  /**
   * The value of one header, or null if it were longer than {@link #MAX_LENGTH}: the votes then
   * need a message of their own.
   */
  public static @Nullable String write(List<BranchVote> votes) {
    StringBuilder out = new StringBuilder(128);
    for (BranchVote vote : votes) {
      if (!out.isEmpty()) {
        out.append(", ");
      }
      append(out, vote);
      if (out.length() > MAX_LENGTH) {
        return null;
      }
    }
    return out.toString();
  }

  private static void append(StringBuilder out, BranchVote vote) {
    vote.branch().appendTo(out);
    out.append(";v=").append(vote.vote().token());
    if (vote.participant() != null) {
      out.append(";p=").append(vote.participant());
    }
    if (vote.store() != null) {
      out.append(";j=").append(vote.store());
    }
    appendText(out, ";s=", vote.service());
    appendText(out, ";m=", vote.mode());
    appendText(out, ";h=", vote.handle());
    appendText(out, ";r=", reason(vote));
  }

  /** As it is told, by whatever way it goes. */
  public static String reason(BranchVote vote) {
    String reason = vote.reason();
    return reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason;
  }

  private static void appendText(StringBuilder out, String name, String value) {
    if (value.isEmpty()) {
      return;
    }
    out.append(name);
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (isPlain(c)) {
        out.append(c);
      } else {
        out.append('%')
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 0xf, 16));
      }
    }
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || PLAIN.indexOf(c) >= 0;
  }

  /**
   * Reads the votes of all headers of that name.
   *
   * @throws MalformedHeaderException if a part of it cannot be read: then none of it counts
   */
  public static List<BranchVote> parse(List<String> values) throws MalformedHeaderException {
    int length = 0;
    for (String value : values) {
      length += value.length();
    }
    if (length > MAX_LENGTH) {
      throw malformed(length + " characters", "at most " + MAX_LENGTH);
    }
    List<BranchVote> votes = new ArrayList<>();
    for (String member : ListMembers.split(values)) {
      votes.add(member(member));
    }
    return votes;
  }

  private static BranchVote member(String member) throws MalformedHeaderException {
    BranchId branch = member.length() > BranchId.LENGTH ? BranchId.parse(member, 0) : null;
    if (branch == null || member.charAt(BranchId.LENGTH) != ';') {
      throw malformed(member, "<branch-id, 16 hex, lower case>;v=<vote>;…");
    }
    Parameters parameters = Parameters.parse(member, BranchId.LENGTH);
    String token = parameters.value('v');
    Vote vote = token == null ? null : Vote.ofToken(token);
    if (vote == null) {
      throw malformed(member, "v=prepared, read-only, abort, ask or struck");
    }
    Authority participant = authority(member, parameters.value('p'));
    StoreId store = store(member, parameters.value('j'));
    if ((participant == null) != (store == null) || (participant == null && vote != Vote.STRUCK)) {
      throw malformed(member, "p=<authority> and j=<store-id>; without both only v=struck");
    }
    return new BranchVote(
        branch,
        vote,
        participant,
        store,
        parameters.text('s'),
        parameters.text('m'),
        parameters.text('h'),
        parameters.text('r'));
  }

  private static @Nullable Authority authority(String member, @Nullable String value)
      throws MalformedHeaderException {
    Authority authority = value == null ? null : Authority.parse(value);
    if (value != null && authority == null) {
      throw malformed(member, "p=<authority>, " + Authority.EXPECTED);
    }
    return authority;
  }

  private static @Nullable StoreId store(String member, @Nullable String value)
      throws MalformedHeaderException {
    StoreId store = value == null ? null : StoreId.parse(value);
    if (value != null && store == null) {
      throw malformed(member, "j=<store-id>, " + StoreId.EXPECTED);
    }
    return store;
  }

  static MalformedHeaderException malformed(String found, String expected) {
    return new MalformedHeaderException(NAME, found, expected);
  }
}
