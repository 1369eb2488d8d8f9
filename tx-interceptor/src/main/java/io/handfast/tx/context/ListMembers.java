package io.handfast.tx.context;

import java.util.ArrayList;
import java.util.List;

/** Members of a comma-separated header that may come in several lines. */
final class ListMembers {
  private ListMembers() {}

  /**
   * All members of all lines, without white space around them; empty ones are left out, as W3C
   * allows them.
   */
  static List<String> split(List<String> values) {
    List<String> members = new ArrayList<>();
    for (String value : values) {
      int from = 0;
      while (from <= value.length()) {
        int comma = value.indexOf(',', from);
        int end = comma < 0 ? value.length() : comma;
        String member = trim(value, from, end);
        if (!member.isEmpty()) {
          members.add(member);
        }
        from = end + 1;
      }
    }
    return members;
  }

  /**
   * Blanks and tabs only: what else looks like white space belongs to a value, or makes it
   * malformed.
   */
  private static String trim(String text, int from, int to) {
    int start = from;
    int end = to;
    while (start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  /** Characters of the members joined by a comma. */
  static int length(List<String> members) {
    int length = Math.max(0, members.size() - 1);
    for (String member : members) {
      length += member.length();
    }
    return length;
  }
}
