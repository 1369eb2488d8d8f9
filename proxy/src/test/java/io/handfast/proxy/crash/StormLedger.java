package io.handfast.proxy.crash;

import static io.handfast.proxy.crash.Books.State.CONFIRMED;

import io.handfast.proxy.crash.StormClients.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What must hold of all orders together when nothing is left to do: each happened everywhere or
 * nowhere (AC1, AC3), and as its client was told; no decision was reversed (AC2); nothing stays
 * reserved (AC5); every cent that left the front has come to the others.
 */
final class StormLedger {
  private final Map<Town.Place, Books> books;

  StormLedger(Map<Town.Place, Books> books) {
    this.books = new TreeMap<>(books);
  }

  /** What is wrong, a sentence each. */
  List<String> wrongs(List<Receipt> receipts) {
    List<String> wrongs = new ArrayList<>();
    Map<Town.Place, Long> cents = new TreeMap<>();
    for (Receipt receipt : receipts) {
      String key = receipt.order().key();
      List<Books.State> states = new ArrayList<>();
      books.forEach((place, book) -> {
        states.add(book.state(key));
        cents.merge(place, book.state(key) == CONFIRMED ? amount(key) : 0L, Long::sum);
      });
      long confirmed = states.stream().filter(CONFIRMED::equals).count();
      boolean everywhere = confirmed == states.size();
      if (confirmed > 0 && !everywhere) {
        wrongs.add("AC1: " + key + " is " + states + " at " + books.keySet());
      }
      if (receipt.told().committed() && !everywhere) {
        wrongs.add("told committed: " + key + " is " + states + "; " + receipt.told());
      }
      if (receipt.told().aborted() && confirmed > 0) {
        wrongs.add("told aborted: " + key + " is " + states + "; " + receipt.told());
      }
    }
    if (cents.values().stream().distinct().count() > 1) {
      wrongs.add("money: " + cents + " cents");
    }
    books.forEach((place, book) -> {
      book.violations().forEach(it -> wrongs.add("AC2: at the " + place.title() + ": " + it));
      book.reserved()
          .forEach(it -> wrongs.add("left reserved at the " + place.title() + ": " + it));
    });
    return wrongs;
  }

  /** The cents of an order: from 1 on. */
  private static long amount(String key) {
    return 1L + Math.floorMod(key.hashCode(), 50);
  }
}
