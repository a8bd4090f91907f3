#include "controller/worker_link/grpc_worker_link.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <absl/synchronization/mutex.h>
#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include "common/runtime/asio_loop.h"
#include "common/runtime/secure_random.h"
#include "proto/sfu/worker.grpc.pb.h"

namespace sfu::workerlink {
namespace {

using ::testing::ElementsAre;
using worker::v1::ControllerMessage;
using worker::v1::WorkerMessage;

// A worker that notes every message and answers commands when told to.
class FakeWorker : public worker::v1::Worker::Service {
 public:
  grpc::Status Attach(grpc::ServerContext* context,
                      grpc::ServerReaderWriter<WorkerMessage, ControllerMessage>* stream) override {
    ControllerMessage message;
    if (!stream->Read(&message) || !message.has_attach()) {
      return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "attach first");
    }
    {
      absl::MutexLock lock(&mutex_);
      context_ = context;
      ++attachments_;
      WorkerMessage attached;
      attached.mutable_attached()->set_worker_id(worker_id_);
      stream->Write(attached);
    }
    while (stream->Read(&message)) {
      absl::MutexLock lock(&mutex_);
      received_.push_back(message.command().request_id());
      if (answers_) {
        WorkerMessage result;
        result.mutable_result()->set_request_id(message.command().request_id());
        stream->Write(result);
      }
    }
    absl::MutexLock lock(&mutex_);
    context_ = nullptr;
    return grpc::Status::OK;
  }

  void Configure(std::string worker_id, bool answers) {
    absl::MutexLock lock(&mutex_);
    worker_id_ = std::move(worker_id);
    answers_ = answers;
  }
  void BreakStream() {
    absl::MutexLock lock(&mutex_);
    context_->TryCancel();
  }
  void AwaitReceived(size_t count) {
    auto enough = [this, count]()
                      ABSL_NO_THREAD_SAFETY_ANALYSIS { return received_.size() >= count; };
    absl::MutexLock lock(&mutex_);
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(10)));
  }
  std::vector<uint64_t> received() {
    absl::MutexLock lock(&mutex_);
    return received_;
  }

 private:
  absl::Mutex mutex_;
  std::string worker_id_ = "WK_1";
  bool answers_ = true;
  int attachments_ = 0;
  grpc::ServerContext* context_ = nullptr;
  std::vector<uint64_t> received_;
};

// Notes what the link reports, as words.
class Recorder : public WorkerLinkHandler {
 public:
  void HandleAttached(const std::string& worker_id) override { Note("attached " + worker_id); }
  void HandleDetached() override { Note("detached"); }
  void HandleRoomsLost() override { Note("lost"); }
  void HandleResult(worker::v1::CommandResult result) override {
    Note("result " + std::to_string(result.request_id()));
  }
  void HandleEvent(worker::v1::RoomEvent) override { Note("event"); }
  void HandleLoad(const worker::v1::LoadReport&) override { Note("load"); }

  void Await(const std::string& last) {
    auto there = [this, &last]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return !notes_.empty() && notes_.back() == last;
    };
    absl::MutexLock lock(&mutex_);
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&there), absl::Seconds(10))) << last;
  }
  std::vector<std::string> notes() {
    absl::MutexLock lock(&mutex_);
    return notes_;
  }

 private:
  void Note(std::string note) {
    absl::MutexLock lock(&mutex_);
    notes_.push_back(std::move(note));
  }

  absl::Mutex mutex_;
  std::vector<std::string> notes_;
};

class GrpcWorkerLinkTest : public ::testing::Test {
 protected:
  GrpcWorkerLinkTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&worker_);
    server_ = builder.BuildAndStart();
  }
  ~GrpcWorkerLinkTest() override {
    link_.reset();
    server_->Shutdown();
  }

  void Link() {
    GrpcWorkerLinkOptions options;
    options.controller_id = "CO_1";
    options.min_backoff = absl::Milliseconds(1);
    link_ = std::make_unique<GrpcWorkerLink>(server_->InProcessChannel({}), options, loop_, random_,
                                             recorder_);
  }
  void Send(uint64_t id) {
    worker::v1::RoomCommand command;
    command.set_request_id(id);
    link_->Send(std::move(command));
  }

  FakeWorker worker_;
  std::unique_ptr<grpc::Server> server_;
  AsioLoop loop_{"link"};
  SecureRandom random_;
  Recorder recorder_;
  std::unique_ptr<GrpcWorkerLink> link_;
};

TEST_F(GrpcWorkerLinkTest, CommandsGoOutInOrderAndResultsComeBack) {
  Link();
  std::vector<uint64_t> ids;
  for (uint64_t id = 1; id <= 200; ++id) {  // The first ones before the worker is attached.
    Send(id);
    ids.push_back(id);
  }
  recorder_.Await("result 200");
  EXPECT_EQ(worker_.received(), ids);
  EXPECT_EQ(recorder_.notes().front(), "attached WK_1");
}

TEST_F(GrpcWorkerLinkTest, ABrokenStreamIsRemadeAndRepeatsWhatWasNotAnswered) {
  worker_.Configure("WK_1", /*answers=*/false);
  Link();
  Send(1);
  Send(2);
  worker_.AwaitReceived(2);
  worker_.Configure("WK_1", /*answers=*/true);
  worker_.BreakStream();
  recorder_.Await("result 2");
  EXPECT_THAT(worker_.received(), ElementsAre(1, 2, 1, 2));
  EXPECT_THAT(recorder_.notes(),
              ElementsAre("attached WK_1", "detached", "attached WK_1", "result 1", "result 2"));
}

TEST_F(GrpcWorkerLinkTest, ANewWorkerProcessHasNoRooms) {
  worker_.Configure("WK_1", /*answers=*/false);
  Link();
  Send(1);
  worker_.AwaitReceived(1);
  worker_.Configure("WK_2", /*answers=*/true);
  worker_.BreakStream();
  recorder_.Await("attached WK_2");
  EXPECT_THAT(recorder_.notes(), ElementsAre("attached WK_1", "detached", "lost", "attached WK_2"));
  Send(2);
  recorder_.Await("result 2");
  EXPECT_THAT(worker_.received(), ElementsAre(1, 2));
}

TEST_F(GrpcWorkerLinkTest, DestructionWhileUnconnectedEnds) {
  GrpcWorkerLinkOptions options;
  options.min_backoff = absl::Milliseconds(1);
  const GrpcWorkerLink link(ChannelTo("127.0.0.1:1"), options, loop_, random_, recorder_);
}

}  // namespace
}  // namespace sfu::workerlink
