namespace Reverie.Cli.Commands;

/// <summary><c>reverie train</c>: one more stage for a model that is there.</summary>
internal sealed class TrainCommand : ReverieCommand
{
    /// <summary>Creates the command with the stages below it.</summary>
    public TrainCommand(Terminal terminal) : base("train",
        "Train a model further, one stage at a time, with exams before and after; the result is a new version of it.",
        "train rl reverie --tasks calendar --minutes 2", "train sft reverie --data chats.jsonl --lora 16", "train pretrain reverie --data ~/books --name reader")
    {
        Subcommands.Add(new TrainStageCommand(terminal, "rl", "rl",
            "Let a model play tasks and learn from the rewards, by a credit rule.",
            "train rl reverie --tasks calendar --rehearse primer", "train rl reverie --tasks calendar --tasks spelling:0.5 --credit grpo --minutes 10", "train rl reverie --tasks parity:length=12 --lora 16 --steps 50"));
        Subcommands.Add(new TrainStageCommand(terminal, "dpo", "rl",
            "Let a model play tasks and prefer the best of its tries to the worst (rl with the credit rule dpo).",
            "train dpo reverie --tasks calendar"));
        Subcommands.Add(new TrainStageCommand(terminal, "distill", "distill",
            "Learn what a teacher would say: on text (--data), or on tasks that the model plays itself (--tasks alone).",
            "train distill small --teacher reverie --data ~/books", "train distill small --teacher reverie --tasks calendar"));
        Subcommands.Add(new TrainStageCommand(terminal, "sft", "sft",
            "Imitate the replies in conversations, or the experts of tasks.",
            "train sft reverie --data chats.jsonl", "train sft reverie --tasks calendar --tasks spelling:0.5 --lora 16"));
        Subcommands.Add(new TrainStageCommand(terminal, "midtrain", "midtrain",
            "Learn from chosen text and conversations at a rate that falls.",
            "train midtrain reverie --data notes.md --tasks calendar"));
        Subcommands.Add(new TrainStageCommand(terminal, "pretrain", "pretrain",
            "Go on learning from plain text.",
            "train pretrain reverie --data ~/books --minutes 30"));
    }
}
