namespace Reverie.Worlds;

/// <summary>
/// The shape of a little story: what the hero wants, what stands in the way, how a helper helps, how it ends.
/// Slots: {H} hero, {h} he or she, {him}, {his}; {P} helper, {aP} "an old owl" (heroes are named, helpers are called: a model that copies what
/// followed the same word before would give both one name); {key} the heart of the goal; {rel} a relative.
/// </summary>
/// <param name="Name">The plot's name, for tests and for reading samples.</param>
/// <param name="Goal">What the hero wants, as it follows "wanted".</param>
/// <param name="Keys">What the goal is about; a leading "*" stands for any colour.</param>
/// <param name="Trouble">Ways to say what stands in the way.</param>
/// <param name="Help">Ways the helper helps.</param>
/// <param name="Result">What comes of it.</param>
/// <param name="Ending">Endings, each of which names hero, helper and key.</param>
/// <param name="Moral">What one may learn.</param>
internal sealed record StoryPlot(
    string Name, string Goal, string[] Keys, string[] Trouble, string[] Help, string[] Result, string[] Ending, string[] Moral)
{
    /// <summary>How the helper comes into this story, where the plot says so itself.</summary>
    public string[] Meeting { get; init; } = Meetings;

    /// <summary>What is said when they meet, where the plot says so itself.</summary>
    public string[] Talk { get; init; } = Talks;

    private static readonly string[] Meetings =
    [
        "Then {aP} called {P} came by.", "On the way {h} met {aP} called {P}.", "Just then {aP} called {P} walked up to {him}.",
        "Soon {aP} called {P} sat down beside {him}.", "Not far away lived {aP} called {P}.",
    ];

    private static readonly string[] Talks =
    [
        "\"Why are you so sad?\" asked {P}.", "\"Can I help you?\" asked {P}.", "\"What is wrong?\" asked {P}.", "\"Do not cry,\" said {P}.",
        "{H} told {P} everything.", "\"We can do it together,\" said {P}.",
    ];

    private static readonly string[] Colourful = ["*ball", "*kite", "*hat", "*book", "*lamp", "*bell", "*drum", "*cup", "*key", "*ring", "*scarf", "*coat", "*basket", "*blanket", "*button", "*flute", "*box", "*clock", "*doll", "*umbrella"];
    private static readonly string[] Breakable = ["*cup", "*lamp", "*clock", "*flute", "*drum", "*mirror", "*doll", "*wagon", "*box", "*boat", "*umbrella", "*kite"];

    /// <summary>All plots.</summary>
    public static readonly StoryPlot[] All =
    [
        new("lost", "to find the {key}", Colourful,
            ["The wind had blown it away.", "It was not under the bed and not behind the door.", "{H} had lost it in the tall grass.", "{H} looked everywhere, but it was gone."],
            ["{P} had good eyes and looked under every leaf.", "{P} looked behind the old wall.", "They looked high and low until the sun went down."],
            ["There it was, between two stones!", "Something was shining under a bush.", "\"Look up there!\" said {P}."],
            ["{H} held the {key} tight and thanked {P}.", "{H} and {P} carried the {key} home together.", "{H} was so glad to have the {key} again that {h} kissed {P} on the nose."],
            ["Four eyes see more than two.", "It is easier to look with a friend."]),
        new("wish", "to have a {key}", Colourful,
            ["But it cost ten coins, and {h} had only two.", "But there was only one in the shop, and it cost too much.", "But {h} had no money at all."],
            ["{P} needed help in the garden.", "\"Help me in my shop for a week,\" said {P}.", "\"Carry my wood, and I will pay you,\" said {P}."],
            ["{H} worked hard every day.", "So {H} got up early and worked until night.", "After a week {H} had enough coins."],
            ["At last {H} had the {key} and ran to show it to {P}.", "{H} took the {key} home and waved to {P}.", "{H} danced with the {key}, and {P} clapped."],
            ["Good things are worth some work.", "It is nice to wait for something good."]),
        new("mend", "to mend the {key}", Breakable,
            ["{H} had broken it by mistake.", "It had fallen from the table when {H} was playing.", "{H} had dropped it and told nobody."],
            ["\"I am sorry, I broke it,\" said {H}.", "{H} cried and told the truth.", "\"It was me,\" said {H}. \"I am so sorry.\""],
            ["\"Thank you for telling me,\" said {P}.", "{P} was quiet, and then {P} smiled.", "\"We all make mistakes,\" said {P}."],
            ["Together {H} and {P} made the {key} as good as new.", "{H} and {P} mended the {key} and were friends again.", "Soon the {key} was whole, and {P} was not angry with {H}."],
            ["It is brave to say sorry.", "The truth makes the heart light."])
        {
            Meeting = ["It belonged to {aP} called {P}.", "The owner was {aP} called {P}."],
            Talk = ["{H} was afraid to go there.", "{H} went there with slow steps.", "{H} could not sleep that night."],
        },
        new("gift", "to make a {key} for {his} {rel}", ["*scarf", "*hat", "*blanket", "*basket", "*coat", "*kite", "*box", "*bag", "*cup", "*doll"],
            ["But {h} did not know how to begin.", "But {his} hands were too slow.", "The first one was too small, and the second one broke."],
            ["{P} showed {him} how to do it.", "{P} brought everything that was missing.", "{P} sat with {him} all evening."],
            ["Little by little it looked beautiful.", "They worked until it was done.", "In the morning it was ready."],
            ["{His} {rel} loved the {key}, and {H} ran to thank {P}.", "{H} gave {his} {rel} the {key}, and {P} smiled.", "\"What a beautiful {key}!\" said {his} {rel}, and {H} winked at {P}."],
            ["The best gifts are made by hand.", "A gift is a way to say I love you."]),
        new("fear", "to stop being afraid of the {key}", ["dark", "storm", "deep water", "high bridge", "old cave", "wild sea", "black forest", "thunder"],
            ["But {his} legs shook every time.", "At night {h} hid under the blanket.", "The others laughed, and that made it worse."],
            ["\"Take my hand and count to ten,\" said {P}.", "{P} sang a soft song, and they went step by step.", "\"I was afraid once too,\" said {P}."],
            ["{H} took a deep breath.", "Slowly {his} heart became quiet.", "One step, two steps, three steps."],
            ["Now {H} was not afraid of the {key} any more, and {P} was proud.", "{H} laughed at the {key}, and {P} laughed too.", "The {key} was not so bad any more, and {H} and {P} went home singing."],
            ["Being brave is trying even when you are afraid.", "Fear gets small when a friend is near."]),
        new("share", "to eat all the {key} alone", ["bread", "cake", "honey", "cheese", "apples", "berries", "nuts", "carrots", "plums", "pears", "pancakes", "cookies", "grapes"],
            ["There was so much that {h} could not carry it.", "{H} hid behind a tree so that nobody would see.", "{H} sat down and began to eat."],
            ["{P} had not eaten all day.", "{P} looked very hungry.", "\"That smells so good,\" said {P}."],
            ["{H} thought about it and gave half to {P}.", "First {H} turned away, but then {h} said: \"Sit down with me.\"", "{H} felt bad and made room for {P}."],
            ["{H} and {P} ate the {key} together, and it tasted twice as good.", "So {H} and {P} shared the {key} and talked until night.", "{H} had less {key}, but now {h} had {P} as a friend."],
            ["Sharing makes two hearts happy.", "Food tastes better with a friend."])
        {
            Talk = ["\"Hello,\" said {P}.", "\"What do you have there?\" asked {P}."],
        },
        new("build", "to build a {key}", ["tree house", "little boat", "stone bridge", "snow house", "sand castle", "tall tower", "garden wall", "wooden wagon", "big kite"],
            ["But it fell down again and again.", "But the wood was too heavy for one.", "{H} worked all day, and then it broke."],
            ["{P} held the wood while {H} worked.", "{P} had a good plan.", "\"You carry, and I will build,\" said {P}."],
            ["They worked until the sun went down.", "Piece by piece it grew.", "It was hard work, but they sang."],
            ["In the evening the {key} was ready, and {H} and {P} danced.", "{H} and {P} sat in front of the {key} and looked at the stars.", "The {key} stood strong, and {H} and {P} were proud of it."],
            ["Two can do what one cannot.", "Try again, and ask for help."]),
        new("storm", "to mend the {key} before the storm", ["roof", "door", "window", "fence", "wall", "bridge", "boat", "barn"],
            ["Dark clouds came over the hill.", "The wind was loud and there was little time.", "But the first rain was already falling."],
            ["{P} brought wood and a long rope.", "{P} held the ladder.", "They worked as fast as they could."],
            ["Then the rain came down.", "The storm was loud, but nothing broke.", "All night the wind cried outside."],
            ["The {key} held all night, and {H} and {P} drank tea by the fire.", "\"The {key} is safe,\" said {H}, and {P} laughed.", "In the morning the {key} still stood, and {H} hugged {P}."],
            ["It is good to be ready before the rain.", "A friend in a storm is a good friend."]),
        new("sick", "to bring some {key} to {his} sick {rel}", ["soup", "honey", "tea", "cake", "bread", "milk", "berries", "apples"],
            ["But the way was long and full of snow.", "But the basket was heavy.", "But {h} did not know the way through the forest."],
            ["{P} knew a short way over the hill.", "{P} carried the basket.", "{P} went first and made a path."],
            ["They came to the house before night.", "{His} {rel} was in bed and very pale.", "They knocked on the door."],
            ["{His} {rel} tasted the {key} and smiled, and {H} thanked {P}.", "The {key} helped, and soon {H}, {P} and {his} {rel} were singing.", "\"This {key} makes me strong again,\" said {his} {rel} to {H} and {P}."],
            ["Kindness is good medicine.", "Small gifts can help a lot."]),
        new("race", "to win the {key}", ["big race", "river race", "snow race", "hill race", "boat race", "spring race", "forest race"],
            ["But {h} was the slowest of all.", "But {h} fell over {his} own feet.", "The others were big and fast."],
            ["Every morning {P} ran beside {him}.", "\"Do not look at the others,\" said {P}.", "{P} showed {him} how to breathe."],
            ["On the great day {h} did not give up.", "{H} ran and ran.", "{H} was tired, but {h} went on."],
            ["{H} won the {key}, and {P} cheered the loudest.", "When {H} had won the {key}, {P} jumped for joy.", "{H} won the {key} and gave {P} a big hug."],
            ["Do a little every day.", "Never give up too early."]),
        new("secret", "to keep the {key} a secret", ["hidden garden", "old cave", "hidden lake", "old tower", "hidden path", "little door", "quiet beach"],
            ["But it was lonely there.", "Every day {h} went there alone.", "But {h} had nobody to laugh with."],
            ["\"Where do you go every day?\" asked {P}.", "\"You look lonely,\" said {P}.", "{P} asked nothing and only smiled."],
            ["{H} thought for a long time.", "Then {H} said: \"Come with me.\"", "{H} took {P} by the hand."],
            ["Now {H} and {P} shared the {key}, and it was more beautiful than before.", "{H} showed {P} the {key}, and they played there every day.", "The {key} was now a place for {H} and for {P}."],
            ["A secret is nicer with a friend.", "Joy grows when you share it."])
        {
            Talk = ["They said hello.", "\"Hello,\" said {P}."],
        },
        new("learn", "to learn to {key}", ["swim", "sing", "dance", "read", "paint", "whistle", "climb", "cook", "write", "skate"],
            ["But nothing worked.", "{H} tried and tried, but it was so hard.", "But the others could do it and {h} could not."],
            ["\"Slowly,\" said {P}. \"A little every day.\"", "{P} showed {him} how, again and again.", "\"Watch me,\" said {P}."],
            ["After many days it went well.", "On the first day it was hard, on the last day it was easy.", "One morning it worked."],
            ["Now {H} could {key}, and {P} was very proud.", "\"You can {key}!\" said {P}, and {H} laughed with joy.", "From that day on {H} and {P} went to {key} together."],
            ["Nobody can do it on the first day.", "Every day you learn a little."]),
        new("sky", "to touch the {key}", ["moon", "rainbow", "morning star", "evening star", "white cloud", "setting sun"],
            ["But it was much too high.", "{H} climbed a tree, but it was still far away.", "{H} jumped and jumped, but it was too far."],
            ["{P} showed {him} the quiet lake.", "\"Look into the water,\" said {P}.", "{P} took {him} to the top of the hill."],
            ["{H} opened {his} eyes wide.", "It was shining right there.", "\"Oh!\" said {H}."],
            ["{H} and {P} looked at the {key} until they fell asleep.", "In the water {H} touched the {key}, and {P} laughed.", "\"The {key} is for everybody,\" said {P}, and {H} was happy."],
            ["Some things are beautiful from far away.", "You can love a thing without having it."]),
        new("winter", "to gather enough {key} for the winter", ["nuts", "apples", "wood", "potatoes", "carrots", "berries", "hay", "pears"],
            ["But the first snow was near and the basket was empty.", "But there was a hole in the bag.", "But {h} had played all summer."],
            ["{P} knew a place where nobody had looked.", "{P} brought a big wagon.", "\"You look left, and I look right,\" said {P}."],
            ["They filled one basket after another.", "They worked until the stars came out.", "Soon the house was full."],
            ["All winter {H} had enough {key}, and {P} came to visit every day.", "When the snow fell, {H} and {P} had {key} and a warm fire.", "{H} gave {P} half of the {key} and said thank you."],
            ["Work together and be warm together.", "First the work, then the play."]),
        new("home", "to find the way back to the {key}", ["old mill", "blue house", "little farm", "big oak", "white house", "red barn", "green hill", "old castle"],
            ["But the fog was thick and all the trees looked the same.", "But it was dark and the path was gone.", "{H} had walked too far."],
            ["{P} listened to the river and knew the way.", "{P} looked at the stars.", "\"Follow me,\" said {P}."],
            ["They walked over the hill and through the trees.", "They went step by step.", "Then there was a light far away."],
            ["At last {H} saw the {key} and said thank you to {P}.", "Soon they were at the {key}, and {H} gave {P} a bowl of soup.", "\"There is the {key}!\" said {H}, and {P} was glad too."],
            ["It is clever to ask for the way.", "Nobody is lost who has a friend."]),
        new("mystery", "to know what made the {key}", ["noise in the cave", "light on the hill", "song in the forest", "noise in the kitchen", "light in the tower", "noise under the bridge", "song on the lake", "light in the mill"],
            ["But {h} did not dare to go alone.", "Every night it came again.", "Nobody in the village knew."],
            ["{P} brought a lamp.", "\"Let us go and look,\" said {P}.", "Side by side they went to look."],
            ["It was only an old man with a lamp and a bell!", "It was only a child with a bell and a light!", "It was only a cart with a bell and a light!"],
            ["{H} and {P} laughed about the {key} all the way home.", "So that was the {key}, and {H} and {P} told everybody.", "\"I am not afraid of the {key} now,\" said {H} to {P}."],
            ["Many things are small when you look at them.", "Go and look, and you will know."]),
        new("grow", "to grow a big {key}", ["pumpkin", "sunflower", "rose", "apple tree", "melon", "carrot", "pear tree", "potato"],
            ["But day after day nothing came out of the earth.", "But it did not rain for weeks.", "{H} looked every hour, but nothing happened."],
            ["\"Give it water and time,\" said {P}.", "{P} brought water every morning.", "{P} sang to the earth."],
            ["One morning there was a small green leaf.", "Then it grew and grew.", "They waited and waited."],
            ["In the summer the {key} was very big, and {H} and {P} danced around it.", "{H} and {P} showed the {key} to the whole village.", "\"Our {key} is the biggest of all,\" said {H} to {P}."],
            ["Good things need time.", "Be patient and kind."]),
    ];
}
