// SPDX-License-Identifier: Apache-2.0
#ifndef LOYALTY_LIB_STORE_MERGE_INTO_H_
#define LOYALTY_LIB_STORE_MERGE_INTO_H_

namespace loyalty::store {

// Where the tables of a merge are: in the file, or for a reader, who may not
// write there, in tables of the same names with "tail_" before them.
enum class MergeInto { kFile, kTail };

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_MERGE_INTO_H_
