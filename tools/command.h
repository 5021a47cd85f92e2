// SPDX-License-Identifier: Apache-2.0
//
// The commands of `loyalty`, each in a file of its name. main.cc reads the
// command line into their options; each answers how the process ends.
#ifndef LOYALTY_TOOLS_COMMAND_H_
#define LOYALTY_TOOLS_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loyalty::command {

// What a script can tell from how the command ended.
enum class Exit {
  kDone = 0,   // bad lines, if any, were counted
  kNo = 1,     // the answer is no: verify, check, --strict, no such member
  kUsage = 2,  // it was asked wrongly
  kCouldNot =
      3,  // a file is missing or empty, an I/O error, a refused database
};

struct CheckOptions {
  std::string program;
  std::vector<std::string> parameters;  // "name=value"
  bool json = false;
};
Exit Check(const CheckOptions& options);

struct RunOptions {
  std::string program;
  std::string db;
  std::vector<std::string> parameters;  // "name=value"
  int batch = 1000;                     // events a commit
  bool strict = false;
  bool switch_program = false;  // if the file goes on with another
  bool sweep = false;           // at each midnight that the events pass
  bool json = false;
  std::string voucher_key;  // the key's file, "" for none; as everywhere
  std::vector<std::string> events;  // files, "-" for standard input
};
Exit Run(const RunOptions& options);

struct SwitchOptions {
  std::string db;
  std::string program;
  std::vector<std::string> parameters;  // "name=value"
  std::string id;                       // the event's; "" makes one
  std::string at;
  bool preview = false;
  std::string voucher_key;
  bool json = false;
};
Exit Switch(const SwitchOptions& options);

struct CatchUpOptions {
  std::string db;
  std::vector<std::string> rules;
  std::vector<std::string> badges;
  std::vector<std::string> metrics;
  std::vector<std::string> streaks;
  std::vector<std::string> quests;
  std::string id;  // the first entry's; "" only for a preview
  std::string at;
  bool preview = false;
  std::string voucher_key;
  bool json = false;
};
Exit CatchUp(const CatchUpOptions& options);

struct BacktestOptions {
  std::string program;
  std::string against;                  // "": none, and all is gained
  std::vector<std::string> parameters;  // "name=value", of both
  std::vector<std::string> events;
  bool json = false;
};
Exit Backtest(const BacktestOptions& options);

struct TestOptions {
  std::vector<std::string> files;       // a program, maybe, and scenarios
  std::vector<std::string> parameters;  // "name=value"
  bool json = false;
};
Exit Test(const TestOptions& options);

// Of those that ask something for a member.
struct AskOptions {
  std::string db;
  std::string id;      // the event's
  std::string at;      // "" for the file's newest time, as everywhere
  std::string member;  // of a transfer, the one who sends; of a merge, who goes
  std::string what;    // the reward, hold or redemption, or who receives
  int64_t quantity = 1;
  std::optional<int64_t> units;
  std::string currency;
  std::string by;
  std::string channel;
  std::string reason;
  std::string voucher_key;
  bool json = false;
};
Exit Redeem(const AskOptions& options);
Exit Capture(const AskOptions& options);
Exit Void(const AskOptions& options);
Exit Cancel(const AskOptions& options);
Exit Fulfil(const AskOptions& options);
Exit Transfer(const AskOptions& options);
Exit Merge(const AskOptions& options);
Exit Adjust(const AskOptions& options);

struct EraseOptions {
  AskOptions ask;
  bool yes = false;  // it is meant: nothing brings a member back
};
Exit Erase(const EraseOptions& options);

struct ImportOptions {
  std::string db;
  std::string id;  // of the import: its events' begin with it
  std::string at;
  std::string reward;
  std::string codes;  // a file, one a line
  std::string voucher_key;
  bool json = false;
};
Exit ImportVouchers(const ImportOptions& options);
Exit UseVoucher(const AskOptions& options);  // `what` is the code

struct VouchersOptions {
  std::string db;
  std::string member;
  std::string at;
  std::string voucher_key;
  bool json = false;
};
Exit ShowVouchers(const VouchersOptions& options);

struct SweepOptions {
  std::string db;
  std::string at;
  std::string voucher_key;
  bool json = false;
};
Exit Sweep(const SweepOptions& options);

struct RewardsOptions {
  std::string db;
  std::string member;  // "" for nobody in particular
  std::string at;
  bool json = false;
};
Exit Rewards(const RewardsOptions& options);

struct MemberOptions {
  std::string member;
  std::string db;
  std::string at;
  bool json = false;
};
Exit Member(const MemberOptions& options);

struct StatementOptions {
  std::string member;
  std::string db;
  std::string currency;  // "" for all
  std::string at;        // what was known of events until then
  int64_t limit = 0;     // the newest so many lines; 0 for all
  bool json = false;
};
Exit Statement(const StatementOptions& options);

struct ExplainOptions {
  std::string event;     // this event;
  std::string rule;      // or why it gave nothing by this rule
  std::string member;    // to this member;
  std::string currency;  // or, without event, the member's balance of this
  std::string at;        // then
  std::string db;
  bool json = false;
};
Exit Explain(const ExplainOptions& options);

struct ExportOptions {
  std::string member;
  std::string db;
  std::string at;
  bool json = false;  // makes no difference
};
Exit Export(const ExportOptions& options);

struct LeaderboardOptions {
  std::string db;
  std::string board;     // either this
  std::string currency;  // or this
  std::string ladder;    // or this
  std::string season;    // "": that of the newest event
  std::string of;        // a group, of one that keeps them apart
  std::string viewer;    // who looks at it; "": the host
  int top = 10;
  int64_t offset = 0;  // leaves out so many before
  std::string around;  // or a member, in the midst of the rows
  bool json = false;
};
Exit Leaderboard(const LeaderboardOptions& options);

struct CanOptions {
  std::string db;
  std::string member;
  std::string privilege;
  std::string at;
  bool json = false;
};
Exit Can(const CanOptions& options);

struct BadgesOptions {
  std::string db;
  std::string member;  // all, if empty
  std::string at;
  bool json = false;
};
Exit Badges(const BadgesOptions& options);

struct QuestsOptions {
  std::string db;
  std::string member;
  std::string at;
  bool json = false;
};
Exit Quests(const QuestsOptions& options);

struct NextOptions {
  std::string db;
  std::string member;
  std::string at;
  int limit = 5;  // goals
  bool json = false;
};
Exit Next(const NextOptions& options);

struct BalancesOptions {
  std::string db;
  std::string currency;
  std::string at;
  bool json = false;
};
Exit Balances(const BalancesOptions& options);

struct MetricsOptions {
  std::string db;
  std::string metric;
  std::string at;
  bool json = false;
};
Exit Metrics(const MetricsOptions& options);

struct VerifyOptions {
  std::string db;
  std::string head;  // one that was kept, "" for none
  bool json = false;
};
Exit Verify(const VerifyOptions& options);

struct RebuildOptions {
  std::string db;
  bool json = false;
};
Exit Rebuild(const RebuildOptions& options);

struct BackupOptions {
  std::string db;
  std::string to;
  bool json = false;
};
Exit Backup(const BackupOptions& options);

struct FeedOptions {
  std::string db;
  int64_t after = 0;
  int64_t limit = 0;  // 0 for all
  bool json = false;  // makes no difference
};
Exit Feed(const FeedOptions& options);

struct RewardedOptions {
  std::string db;
  std::vector<std::string> events;
  bool json = false;
};
Exit Rewarded(const RewardedOptions& options);

struct CelOptions {
  std::string expression;   // either this
  std::string bindings;     // for it: a JSON object, "" for none
  std::string conformance;  // or this file of tests
  std::string profile;      // of which only these; "" for all
  bool json = false;
};
Exit Cel(const CelOptions& options);

struct SimulateOptions {
  int64_t members = 0;
  int64_t days = 0;
  uint64_t seed = 0;
  std::string out;  // "" for standard output
  bool json = false;
};
Exit SimulateCommunity(const SimulateOptions& options);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_COMMAND_H_
