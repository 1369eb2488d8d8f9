@NullMarked
package io.handfast.tx.etcd;

import org.jspecify.annotations.NullMarked;
