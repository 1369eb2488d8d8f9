/**
 * What an operator may ask a running engine, as plain records: transactions in flight, in doubt and
 * decided lately, the timeline of one, the health of the store.
 */
@NullMarked
package io.handfast.tx.operator;

import org.jspecify.annotations.NullMarked;
