package io.handfast.proxy.route;

import io.handfast.proxy.http.RequestHead;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Routes by the text that their path begins with: a radix tree, walked once along a request's path
 * and not longer than the longest text in it. Immutable.
 *
 * <p>A route that wants the whole path stands beside one that wants only its beginning, and is
 * looked at only where the path ends.
 */
final class PathTrie {
  private static final int[] NONE = {};

  private final Node root;
  private final boolean ignoreCase;

  private PathTrie(Node root, boolean ignoreCase) {
    this.root = root;
    this.ignoreCase = ignoreCase;
  }

  /** Tells which route holds. */
  interface Test {
    /**
     * The first of these routes that holds and stands before a place, or else that place.
     *
     * @param routes places of routes that the path may match, ascending
     */
    int first(int[] routes, int before, RequestHead head, String path, int draw);
  }

  private static final class Node {
    /** What stands between the node above and this one. */
    final String label;

    /** Routes of paths that end here, ascending. */
    final int[] whole;

    /** Routes of paths that go on or end here, ascending. */
    final int[] begins;

    /** The first characters of the nodes below, ascending. */
    final char[] firsts;

    /** One for each. */
    final Node[] below;

    Node(String label, Entry entry, char[] firsts) {
      this.label = label;
      this.whole = entry.whole;
      this.begins = entry.begins;
      this.firsts = firsts;
      this.below = new Node[firsts.length];
    }
  }

  /** The routes of one text. */
  private static final class Entry {
    int[] whole = NONE;
    int[] begins = NONE;
  }

  /**
   * The first route that holds and stands before a place, or else that place.
   *
   * @param path of the request, without its query
   * @param draw handed on to the test
   */
  int first(Test test, int before, RequestHead head, String path, int draw) {
    int found = before;
    Node node = root;
    int at = 0;
    while (has(path, at, node.label)) {
      at += node.label.length();
      found = test.first(node.begins, found, head, path, draw);
      if (at == path.length()) {
        return test.first(node.whole, found, head, path, draw);
      }
      int next = Arrays.binarySearch(node.firsts, fold(path.charAt(at)));
      if (next < 0) {
        return found;
      }
      node = node.below[next];
    }
    return found;
  }

  private boolean has(String path, int at, String label) {
    if (!ignoreCase) {
      return path.startsWith(label, at);
    }
    if (path.length() - at < label.length()) {
      return false;
    }
    for (int i = 0; i < label.length(); i++) {
      if (fold(path.charAt(at + i)) != label.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private char fold(char c) {
    return ignoreCase ? folded(c) : c;
  }

  /** Characters are the same regardless of case just if this is: {@link String#regionMatches}. */
  private static char folded(char c) {
    return Character.toLowerCase(Character.toUpperCase(c));
  }

  /** Gathers routes, in their order. */
  static final class Builder {
    private final boolean ignoreCase;
    private final SortedMap<String, Entry> entries = new TreeMap<>();

    Builder(boolean ignoreCase) {
      this.ignoreCase = ignoreCase;
    }

    /** A route of paths that are the text. */
    void whole(String text, int route) {
      Entry entry = entry(text);
      entry.whole = append(entry.whole, route);
    }

    /** A route of paths that begin with the text. */
    void begins(String text, int route) {
      Entry entry = entry(text);
      entry.begins = append(entry.begins, route);
    }

    private Entry entry(String text) {
      return entries.computeIfAbsent(key(text), _ -> new Entry());
    }

    private String key(String text) {
      if (!ignoreCase) {
        return text;
      }
      StringBuilder key = new StringBuilder(text.length());
      for (int i = 0; i < text.length(); i++) {
        key.append(folded(text.charAt(i)));
      }
      return key.toString();
    }

    private static int[] append(int[] routes, int route) {
      int[] longer = Arrays.copyOf(routes, routes.length + 1);
      longer[routes.length] = route;
      return longer;
    }

    PathTrie build() {
      return new PathTrie(
          entries.isEmpty()
              ? new Node("", new Entry(), new char[0])
              : node(List.copyOf(entries.entrySet()), 0),
          ignoreCase);
    }

    /** The node of neighbours that have their first {@code from} characters in common. */
    private static Node node(List<Map.Entry<String, Entry>> entries, int from) {
      String first = entries.getFirst().getKey();
      String last = entries.getLast().getKey();
      int to = from;
      while (to < Math.min(first.length(), last.length()) && first.charAt(to) == last.charAt(to)) {
        to++;
      }
      boolean ends = first.length() == to;
      Entry here = ends ? entries.getFirst().getValue() : new Entry();
      List<Map.Entry<String, Entry>> rest = ends ? entries.subList(1, entries.size()) : entries;
      Node node = new Node(first.substring(from, to), here, firsts(rest, to));
      int begin = 0;
      for (int i = 0; i < node.below.length; i++) {
        int end = begin;
        while (end < rest.size() && rest.get(end).getKey().charAt(to) == node.firsts[i]) {
          end++;
        }
        node.below[i] = node(rest.subList(begin, end), to);
        begin = end;
      }
      return node;
    }

    private static char[] firsts(List<Map.Entry<String, Entry>> entries, int at) {
      StringBuilder firsts = new StringBuilder();
      for (Map.Entry<String, Entry> entry : entries) {
        char c = entry.getKey().charAt(at);
        if (firsts.isEmpty() || firsts.charAt(firsts.length() - 1) != c) {
          firsts.append(c);
        }
      }
      return firsts.toString().toCharArray();
    }
  }
}
